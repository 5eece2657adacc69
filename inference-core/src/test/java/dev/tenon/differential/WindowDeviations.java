package dev.tenon.differential;

import dev.tenon.differential.Deviations.Deviation;
import dev.tenon.differential.Deviations.Instead;
import java.util.Arrays;
import java.util.List;

/** {@link Deviations} of pooling and convolution. */
final class WindowDeviations {
    private WindowDeviations() {}

    static void add(List<Deviation> list) {
        for (String name : List.of("MaxPool", "AveragePool", "LpPool")) {
            list.add(new Deviation(
                    name,
                    s -> "VALID".equals(s.attribute("auto_pad"))
                            && Long.valueOf(1).equals(s.attribute("ceil_mode")),
                    Instead.FORMULA,
                    "counts a last window that overhangs where nothing is padded, which the standard's formula"
                            + " for VALID does not"));
            list.add(new Deviation(
                    name,
                    s -> isSame(s) && isDilated(s),
                    Instead.FORMULA,
                    "pads as much as a window without dilations needs"));
            list.add(new Deviation(
                    name,
                    s -> isSame(s) && isSparse(s),
                    Instead.FORMULA,
                    "makes the padding negative where steps are longer than the window, so that windows begin later"));
        }
        for (String name : List.of("MaxPool", "GlobalMaxPool")) {
            list.add(new Deviation(
                    name,
                    s -> Tensors.hasNaN(s.operand(0)),
                    Instead.FORMULA,
                    "keeps or drops NaN by its place among the elements"));
        }
        list.add(new Deviation(
                "MaxPool",
                s -> Tensors.any(s.operand(0), v -> v == Double.NEGATIVE_INFINITY),
                Instead.FORMULA,
                "takes the least finite number for the maximum of negative infinities"));
        list.add(new Deviation(
                "Col2Im",
                s -> s.operand(1).size() != 2 && isDilated(s),
                Instead.FORMULA,
                "puts the elements of dilated blocks in wrong places unless there are two axes"));
        for (String name : List.of("LpPool", "GlobalLpPool")) {
            list.add(new Deviation(
                    name,
                    s -> Tensors.any(s.operand(0), v -> v != 0 && Math.abs(v) < 1e-18),
                    Instead.FORMULA,
                    "powers vanish on the way"));
        }
        list.add(new Deviation(
                "MaxUnpool",
                s -> s.operand(2) != null,
                Instead.FORMULA,
                "counts indices in the shape that is asked for, and not in the one that they were taken from"));
        list.add(new Deviation(
                "Conv",
                s -> isSame(s) && isDilated(s),
                Instead.FORMULA,
                "has no dilations together with the paddings SAME_UPPER and SAME_LOWER"));
        list.add(new Deviation(
                "ConvTranspose",
                s -> isSame(s) && s.attribute("output_shape") == null && isShort(s),
                Instead.FORMULA,
                "does not fill up to the dimension of the operand times the stride where windows do not reach it"));
    }

    private static boolean isSame(OperatorModel s) {
        return s.attribute("auto_pad") instanceof String a && a.startsWith("SAME");
    }

    private static boolean isDilated(OperatorModel s) {
        return s.attribute("dilations") instanceof long[] d && Arrays.stream(d).anyMatch(v -> v > 1);
    }

    /** Whether windows end before the image with automatic padding. */
    private static boolean isSparse(OperatorModel s) {
        WindowGeometry w =
                WindowGeometry.of(s, WindowGeometry.spatial(s.operand(0)), (long[]) s.attribute("kernel_shape"));
        for (int i = 0; i < w.in().length; i++) {
            if ((w.out()[i] - 1) * w.stride()[i] + (w.kernel()[i] - 1) * w.dilation()[i] + 1 < w.in()[i]) {
                return true;
            }
        }
        return false;
    }

    /** Whether the windows of a transposed convolution end before the dimension that follows from the padding. */
    private static boolean isShort(OperatorModel s) {
        long[] kernel = WindowGeometry.spatial(s.operand(1));
        WindowGeometry w = WindowGeometry.transposed(s, WindowGeometry.spatial(s.operand(0)), kernel);
        long[] more = WindowGeometry.list(s, "output_padding", kernel.length, 0);
        for (int i = 0; i < kernel.length; i++) {
            long reach = (w.out()[i] - 1) * w.stride()[i] + more[i] + (kernel[i] - 1) * w.dilation()[i] + 1;
            if (reach < w.in()[i]) {
                return true;
            }
        }
        return false;
    }
}
