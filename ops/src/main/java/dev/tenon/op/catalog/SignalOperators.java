package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.signal.BlackmanWindow;
import dev.tenon.op.signal.DFT;
import dev.tenon.op.signal.HammingWindow;
import dev.tenon.op.signal.HannWindow;
import dev.tenon.op.signal.MelWeightMatrix;
import dev.tenon.op.signal.STFT;

/** Fourier transforms and window functions. */
final class SignalOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, SignalOperators::make);

    private SignalOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(DFT.SCHEMA, DFT.class, DFT::of),
                op(STFT.SCHEMA, STFT.class, STFT::of),
                op(HannWindow.SCHEMA, HannWindow.class, HannWindow::of),
                op(HammingWindow.SCHEMA, HammingWindow.class, HammingWindow::of),
                op(BlackmanWindow.SCHEMA, BlackmanWindow.class, BlackmanWindow::of),
                op(MelWeightMatrix.SCHEMA, MelWeightMatrix.class, MelWeightMatrix::of));
    }
}
