package dev.tenon.op.signal;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class SignalOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(DFT.SCHEMA, DFT.class, DFT::of)
            .with(STFT.SCHEMA, STFT.class, STFT::of)
            .with(HannWindow.SCHEMA, HannWindow.class, HannWindow::of)
            .with(HammingWindow.SCHEMA, HammingWindow.class, HammingWindow::of)
            .with(BlackmanWindow.SCHEMA, BlackmanWindow.class, BlackmanWindow::of)
            .with(MelWeightMatrix.SCHEMA, MelWeightMatrix.class, MelWeightMatrix::of);

    private SignalOps() {}
}
