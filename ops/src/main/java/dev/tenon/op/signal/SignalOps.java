package dev.tenon.op.signal;

import dev.tenon.op.OpList;
import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class SignalOps {
    /** All of them. */
    public static final OpSet SET = OpSet.of(SignalOps::list);

    private SignalOps() {}

    private static void list(OpList list) {
        if (list.asks("DFT")) list.add(DFT.SCHEMA, DFT.class, DFT::of);
        if (list.asks("STFT")) list.add(STFT.SCHEMA, STFT.class, STFT::of);
        if (list.asks("HannWindow")) list.add(HannWindow.SCHEMA, HannWindow.class, HannWindow::of);
        if (list.asks("HammingWindow")) list.add(HammingWindow.SCHEMA, HammingWindow.class, HammingWindow::of);
        if (list.asks("BlackmanWindow")) list.add(BlackmanWindow.SCHEMA, BlackmanWindow.class, BlackmanWindow::of);
        if (list.asks("MelWeightMatrix")) list.add(MelWeightMatrix.SCHEMA, MelWeightMatrix.class, MelWeightMatrix::of);
    }
}
