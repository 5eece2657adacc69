package dev.tenon.formats.onnx.domain;

import dev.tenon.formats.onnx.lowering.NodeLowering;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Lowerings of older versions of operators on images. */
final class ImageLowerings {
    private ImageLowerings() {}

    /** LpPool-1 and GlobalLpPool-1, whose attribute p is a float. */
    static List<Value> lpPool(NodeLowering node) {
        float p = node.attributes().real("p", 2);
        if (p != Math.rint(p) || p < 1 || p > Integer.MAX_VALUE) {
            throw node.error("attribute 'p' is " + p, "a whole number, 1 or more", null);
        }
        return node.with(node.attributes().with("p", (long) p));
    }

    /** RoiAlign before version 16, which does not shift coordinates by half a pixel. */
    static List<Value> roiAlign(NodeLowering node) {
        return node.with(node.attributes().with("coordinate_transformation_mode", "output_half_pixel"));
    }

    /** GridSample before version 20, whose modes have the names for two axes. */
    static List<Value> gridSample(NodeLowering node) {
        String mode = node.attributes().string("mode", "bilinear");
        return node.with(node.attributes()
                .with(
                        "mode",
                        switch (mode) {
                            case "bilinear" -> "linear";
                            case "bicubic" -> "cubic";
                            default -> mode;
                        }));
    }

    /** Upsample-1, which scales the last two of four axes. */
    static List<Value> upsampleOfImages(NodeLowering node) {
        Attributes a = node.attributes();
        float[] scales = {1, 1, a.real("height_scale", 0), a.real("width_scale", 0)};
        String mode = a.string("mode", "nearest");
        return enlarge(node, mode.equals("bilinear") ? "linear" : mode, node.constant(Tensor.of(scales)));
    }

    /** Upsample-7 and Upsample-9. The scales are an attribute before version 9. */
    static List<Value> upsample(NodeLowering node) {
        Attributes a = node.attributes();
        Value scales = node.input(1);
        if (scales == null) {
            List<Float> list = a.reals("scales", null);
            if (list == null) {
                throw node.error("no 'scales'", "a scale for each axis", null);
            }
            scales = node.constant(Tensor.of(ConstantLowering.floats(list)));
        }
        return enlarge(node, a.string("mode", "nearest"), scales);
    }

    private static List<Value> enlarge(NodeLowering node, String mode, Value scales) {
        return node.finish("Resize", resize(mode, "floor"), node.input(0), null, scales);
    }

    /**
     * Resize-10. Its nearest element is the previous one if an axis grows, and the next one if it shrinks. So it takes
     * a Resize for each direction, unless the scales are constant and all axes have one direction.
     */
    static List<Value> resizeByScales(NodeLowering node) {
        String mode = node.attributes().string("mode", "nearest");
        Value scales = node.input(1);
        Tensor known = scales == null ? null : scales.constant();
        boolean grows = known == null;
        boolean shrinks = known == null;
        for (long i = 0; known != null && i < known.size(); i++) {
            grows |= known.getFloat(i) > 1;
            shrinks |= known.getFloat(i) < 1;
        }
        if (!mode.equals("nearest") || !shrinks) {
            return enlarge(node, mode, scales);
        }
        if (!grows) {
            return node.finish("Resize", resize(mode, "ceil"), node.input(0), null, scales);
        }
        Value one = node.constant(Tensor.scalar(1f));
        Value down = node.add("Min", Attributes.none(), scales, one);
        Value small = node.add("Resize", resize(mode, "ceil"), node.input(0), null, down);
        return node.finish(
                "Resize", resize(mode, "floor"), small, null, node.add("Max", Attributes.none(), scales, one));
    }

    /** Resize before version 13, which has empty tensors for operands that are left out. */
    static List<Value> resizeOfEmpty(NodeLowering node) {
        List<Value> operands = new ArrayList<>(node.inputs());
        for (int i = 1; i < operands.size(); i++) {
            if (operands.get(i) != null && node.shape(i).equals(Shape.of(0))) {
                operands.set(i, null);
            }
        }
        return node.finish(node.op("", "Resize", node.attributes()), operands);
    }

    private static Attributes resize(String mode, String nearest) {
        return Attributes.none()
                .with("mode", mode)
                .with("coordinate_transformation_mode", "asymmetric")
                .with("nearest_mode", nearest);
    }
}
