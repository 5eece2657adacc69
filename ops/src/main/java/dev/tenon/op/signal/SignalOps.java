package dev.tenon.op.signal;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class SignalOps {
    private SignalOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("DFT")) list.add(DFT.SCHEMA, DFT.class, DFT::of);
        if (list.asks("STFT")) list.add(STFT.SCHEMA, STFT.class, STFT::of);
        if (list.asks("HannWindow")) list.add(HannWindow.SCHEMA, HannWindow.class, HannWindow::of);
        if (list.asks("HammingWindow")) list.add(HammingWindow.SCHEMA, HammingWindow.class, HammingWindow::of);
        if (list.asks("BlackmanWindow")) list.add(BlackmanWindow.SCHEMA, BlackmanWindow.class, BlackmanWindow::of);
        if (list.asks("MelWeightMatrix")) list.add(MelWeightMatrix.SCHEMA, MelWeightMatrix.class, MelWeightMatrix::of);
    }
}
