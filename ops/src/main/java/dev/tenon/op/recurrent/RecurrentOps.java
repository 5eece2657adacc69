package dev.tenon.op.recurrent;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class RecurrentOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(RNN.SCHEMA, RNN.class, RNN::of)
            .with(LSTM.SCHEMA, LSTM.class, LSTM::of)
            .with(DynamicQuantizeLSTM.SCHEMA, DynamicQuantizeLSTM.class, DynamicQuantizeLSTM::of)
            .with(GRU.SCHEMA, GRU.class, GRU::of);

    private RecurrentOps() {}
}
