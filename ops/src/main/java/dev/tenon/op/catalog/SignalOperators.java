package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.signal.BlackmanWindow;
import dev.tenon.op.signal.DFT;
import dev.tenon.op.signal.HammingWindow;
import dev.tenon.op.signal.HannWindow;
import dev.tenon.op.signal.MelWeightMatrix;
import dev.tenon.op.signal.STFT;

/** Fourier transforms and window functions. */
final class SignalOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.MAIN,
            SignalOperators::make,
            "DFT",
            "STFT",
            "HannWindow",
            "HammingWindow",
            "BlackmanWindow",
            "MelWeightMatrix");

    private SignalOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "DFT" -> op(DFT.SCHEMA, DFT.class, DFT::of);
            case "STFT" -> op(STFT.SCHEMA, STFT.class, STFT::of);
            case "HannWindow" -> op(HannWindow.SCHEMA, HannWindow.class, HannWindow::of);
            case "HammingWindow" -> op(HammingWindow.SCHEMA, HammingWindow.class, HammingWindow::of);
            case "BlackmanWindow" -> op(BlackmanWindow.SCHEMA, BlackmanWindow.class, BlackmanWindow::of);
            case "MelWeightMatrix" -> op(MelWeightMatrix.SCHEMA, MelWeightMatrix.class, MelWeightMatrix::of);
            default -> null;
        };
    }
}
