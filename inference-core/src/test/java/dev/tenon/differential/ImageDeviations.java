package dev.tenon.differential;

import dev.tenon.differential.Deviations.Deviation;
import dev.tenon.differential.Deviations.Instead;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** {@link Deviations} of operators that resize and sample images. */
final class ImageDeviations {
    private ImageDeviations() {}

    static void add(List<Deviation> list) {
        list.add(new Deviation(
                "Resize",
                s -> "align_corners".equals(coordinates(s)) && isFractional(s),
                Instead.FORMULA,
                "takes the whole length of the result, where the standard's own numbers follow from the length"
                        + " times the scale"));
        list.add(new Deviation(
                "Resize",
                s -> s.attribute("keep_aspect_ratio_policy") instanceof String p
                        && !p.equals("stretch")
                        && s.attribute("axes") instanceof long[] a
                        && Arrays.stream(a).anyMatch(v -> v < 0),
                Instead.FORMULA,
                "of axes that are counted from the end keeps no ratio"));
        list.add(new Deviation(
                "Resize",
                s -> "cubic".equals(s.attribute("mode")) && type(s) != DType.FLOAT32,
                Instead.FORMULA,
                "has cubic interpolation for f32 alone"));
        list.add(new Deviation(
                "Resize",
                s -> Long.valueOf(1).equals(s.attribute("antialias")) && type(s).isInteger(),
                Instead.FORMULA,
                "rounds halves away from 0 or up, as the type may be"));
        list.add(new Deviation(
                "Resize",
                s -> "tf_crop_and_resize".equals(coordinates(s)) && cropsUnscaled(s),
                Instead.FORMULA,
                "takes an axis as it is where the scale is 1, whatever the region"));
        list.add(new Deviation(
                "Resize",
                s -> "tf_crop_and_resize".equals(coordinates(s))
                        && Long.valueOf(1).equals(s.attribute("antialias")),
                Instead.FORMULA,
                "with antialias does not begin where the region does"));
        list.add(new Deviation(
                "GridSample",
                s -> "cubic".equals(s.attribute("mode")) && "border".equals(s.attribute("padding_mode")),
                Instead.FORMULA,
                "moves outside elements to the border, where the reference of the standard moves the position"));
        list.add(new Deviation(
                "RoiAlign",
                ImageDeviations::isReversed,
                Instead.FORMULA,
                "counts samples without end, and the process may die, where a region ends before it begins"));
        list.add(new Deviation(
                "AffineGrid",
                s -> Long.valueOf(1).equals(s.attribute("align_corners")) && Tensors.has(s.operand(1), 1),
                Instead.FORMULA,
                "puts the only element of an axis on the last corner, where the standard's formula begins at"
                        + " the first"));
    }

    private static boolean isReversed(OperatorModel s) {
        Tensor rois = s.operand(1);
        for (long i = 0; i < rois.size(); i++) {
            if (i % 4 < 2 && rois.getDouble(i + 2) < rois.getDouble(i)) {
                return true;
            }
        }
        return false;
    }

    private static DType type(OperatorModel s) {
        return s.operand(0).dtype();
    }

    private static Object coordinates(OperatorModel s) {
        return s.attribute("coordinate_transformation_mode");
    }

    private static int axis(OperatorModel s, int i) {
        return s.attribute("axes") instanceof long[] a
                ? (int) Math.floorMod(a[i], (long) s.operand(0).rank())
                : i;
    }

    private static boolean isFractional(OperatorModel s) {
        Tensor scales = s.operand(2);
        if (scales == null) {
            return s.attribute("keep_aspect_ratio_policy") instanceof String p && !p.equals("stretch");
        }
        for (int i = 0; i < scales.size(); i++) {
            double width = scales.getDouble(i) * s.operand(0).dim(axis(s, i));
            if (width != Math.rint(width)) {
                return true;
            }
        }
        return false;
    }

    private static boolean cropsUnscaled(OperatorModel s) {
        Tensor roi = s.operand(1);
        long n = roi.size() / 2;
        for (int i = 0; i < n; i++) {
            boolean same = s.operand(2) != null
                    ? s.operand(2).getDouble(i) == 1
                    : s.operand(3).getLong(i) == s.operand(0).dim(axis(s, i));
            if (same && (roi.getDouble(i) != 0 || roi.getDouble(i + n) != 1)) {
                return true;
            }
        }
        return false;
    }
}
