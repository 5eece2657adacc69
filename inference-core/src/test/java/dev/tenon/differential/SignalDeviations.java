package dev.tenon.differential;

import dev.tenon.differential.Deviations.Deviation;
import dev.tenon.differential.Deviations.Instead;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** {@link Deviations} of transforms and windows. */
final class SignalDeviations {
    private SignalDeviations() {}

    static void add(List<Deviation> list) {
        for (String name : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
            list.add(new Deviation(
                    name,
                    s -> Long.valueOf(0).equals(s.attribute("periodic"))
                            && s.operand(0).getLong(0) == 1,
                    Instead.FORMULA,
                    "divides by 0 where a symmetric window has one element"));
            list.add(new Deviation(
                    name,
                    s -> Long.valueOf(Tensors.number(DType.FLOAT64)).equals(s.attribute("output_datatype")),
                    Instead.FORMULA,
                    "its constants have the digits of f32"));
        }
        for (String name : List.of("DFT", "STFT")) {
            list.add(new Deviation(
                    name,
                    s -> isFinite(s.operand(0)) && Long.bitCount(SignalDefinitions.length(s)) != 1,
                    Instead.FORMULA,
                    "its transform of lengths that are no power of two loses more digits than the contract allows"));
            list.add(new Deviation(
                    name,
                    s -> !isFinite(s.operand(0)),
                    Instead.REFERENCE,
                    "which parts are NaN and which infinite follows from the order of its sums, which the"
                            + " standard leaves open"));
        }
        list.add(new Deviation(
                "DFT",
                s -> SignalDefinitions.isHalf(s) && SignalDefinitions.signal(s) != SignalDefinitions.length(s) / 2 + 1,
                Instead.FORMULA,
                "half a spectrum that is cut or filled to the length it does not complete with the conjugates"
                        + " of what is left"));
        list.add(new Deviation(
                "STFT",
                s -> s.operand(0).rank() == 3 && s.operand(0).dim(2) == 2,
                Instead.FORMULA,
                "reads the frames of complex signals from wrong places, beyond their end too"));
        list.add(new Deviation(
                "STFT",
                s -> s.operand(2) == null && s.operand(3) == null,
                Instead.FORMULA,
                "takes 0 for the length of frames that neither a window nor an operand gives"));
        list.add(new Deviation(
                "MelWeightMatrix",
                s -> s.operand(3).dtype() == DType.FLOAT16,
                Instead.FORMULA,
                "inserts casts of f16 that do not fit the type of the result"));
    }

    private static boolean isFinite(Tensor t) {
        return !Tensors.hasNaN(t) && !Tensors.hasInfinity(t);
    }
}
