package dev.tenon.op.recurrent;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class RecurrentOps {
    private RecurrentOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("RNN")) list.add(RNN.SCHEMA, RNN.class, RNN::of);
        if (list.asks("LSTM")) list.add(LSTM.SCHEMA, LSTM.class, LSTM::of);
        if (list.asks("com.microsoft", "DynamicQuantizeLSTM"))
            list.add(DynamicQuantizeLSTM.SCHEMA, DynamicQuantizeLSTM.class, DynamicQuantizeLSTM::of);
        if (list.asks("GRU")) list.add(GRU.SCHEMA, GRU.class, GRU::of);
    }
}
