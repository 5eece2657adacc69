package dev.tenon.op.recurrent;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class RecurrentOps {
    /** All of them. */
    public static final OpSet SET = OpSet.of(RecurrentOps::list);

    private RecurrentOps() {}

    private static void list(OpList list) {
        if (list.asks("RNN")) list.add(RNN.SCHEMA, RNN.class, RNN::of);
        if (list.asks("LSTM")) list.add(LSTM.SCHEMA, LSTM.class, LSTM::of);
        if (list.asks("com.microsoft", "DynamicQuantizeLSTM"))
            list.add(DynamicQuantizeLSTM.SCHEMA, DynamicQuantizeLSTM.class, DynamicQuantizeLSTM::of);
        if (list.asks("GRU")) list.add(GRU.SCHEMA, GRU.class, GRU::of);
    }
}
