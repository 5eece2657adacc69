package dev.tenon.op.vision;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * Selects boxes for each image and class in the order of their scores, the highest first. A box is left out if it
 * overlaps a selected one too much: if the intersection is more than a given share of the union. Of boxes with equal
 * scores the first comes first. NaN scores come last. Areas are computed in float32.
 *
 * @param centerPointBox whether a box is its centre, width and height, instead of two opposite corners y, x, y, x
 */
public record NonMaxSuppression(boolean centerPointBox) implements Op {
    /**
     * Inputs: boxes [n, b, 4]; scores [n, classes, b]; the maximum of boxes for each image and class, 0 if left out;
     * the share of overlap, 0 if left out; the score that boxes must exceed. Output: image, class and box of each, [k,
     * 3].
     */
    public static final OpSchema SCHEMA = OpSchema.of("NonMaxSuppression")
            .input("boxes", "T")
            .input("scores", "T")
            .optional("max_output_boxes_per_class", "I")
            .optional("iou_threshold", "T")
            .optional("score_threshold", "T")
            .output("selected_indices", "I")
            .where("T", Types.FLOAT32)
            .where("I", Types.INT64);

    private static final int BOX = 4;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     */
    public static NonMaxSuppression of(Attributes a) {
        long format = a.integer("center_point_box", 0);
        if (format != 0 && format != 1) {
            throw ImageOperands.invalid(SCHEMA, "attribute 'center_point_box' is " + format, "0, 1");
        }
        return new NonMaxSuppression(format == 1);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("center_point_box", centerPointBox, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        check(c);
        return ImageOperands.tensor(DType.INT64, Shape.of(List.of(c.freshDim(), Dim.of(3))));
    }

    private static void check(InferContext c) {
        ImageOperands.requireRank(c, 0, "boxes", 3);
        ImageOperands.requireRank(c, 1, "scores", 3);
        Shape boxes = c.shape(0);
        Shape scores = c.shape(1);
        if (boxes.hasRank()) {
            ImageOperands.same(c, boxes.dim(2), Dim.of(BOX), "the last dimension of boxes and the numbers of a box");
        }
        if (boxes.hasRank() && scores.hasRank()) {
            ImageOperands.same(c, boxes.dim(0), scores.dim(0), "images of boxes and of scores");
            ImageOperands.same(c, boxes.dim(1), scores.dim(2), "boxes and scores of a class");
        }
        ImageOperands.requireSingle(c, 2, "max_output_boxes_per_class");
        ImageOperands.requireSingle(c, 3, "iou_threshold");
        ImageOperands.requireSingle(c, 4, "score_threshold");
    }

    @Override
    public List<Datum> reference(Operands in) {
        List<InferContext.Operand> known = new ArrayList<>();
        for (int i = 0; i < in.count(); i++) {
            known.add(in.has(i) ? new InferContext.Operand(in.tensor(i)) : null);
        }
        check(new InferContext(this, "", known, 1, () -> Dim.of(0)));
        Tensor boxes = in.tensor(0);
        Tensor scores = in.tensor(1);
        Limits limits = new Limits(
                in.has(2) ? in.tensor(2).getLong(0) : 0,
                in.has(3) ? in.tensor(3).getFloat(0) : 0,
                in.has(4) ? in.tensor(4).getFloat(0) : Float.NaN);
        List<long[]> selected = new ArrayList<>();
        long images = boxes.size() == 0 || scores.size() == 0 || limits.boxes() <= 0 ? 0 : boxes.dim(0);
        for (long image = 0; image < images; image++) {
            for (long category = 0; category < scores.dim(1); category++) {
                for (long box : select(boxes, scores, image, category, limits)) {
                    selected.add(new long[] {image, category, box});
                }
            }
        }
        Tensor result = Tensor.allocate(DType.INT64, selected.size(), 3);
        for (int i = 0; i < selected.size(); i++) {
            for (int k = 0; k < 3; k++) {
                result.setLong(3L * i + k, selected.get(i)[k]);
            }
        }
        return List.of(result);
    }

    /** The most boxes of a class, the share of overlap, and the score to exceed, which is NaN for all scores. */
    private record Limits(long boxes, float overlap, float score) {}

    /** The boxes that are selected for a class of an image, in the order of their scores. */
    private List<Long> select(Tensor boxes, Tensor scores, long image, long category, Limits limits) {
        long first = (image * scores.dim(1) + category) * scores.dim(2);
        List<Long> candidates = new ArrayList<>();
        for (long box = 0; box < boxes.dim(1); box++) {
            if (Float.isNaN(limits.score()) || scores.getFloat(first + box) > limits.score()) {
                candidates.add(box);
            }
        }
        candidates.sort((a, b) -> compare(scores.getFloat(first + a), scores.getFloat(first + b)));
        List<Region> taken = new ArrayList<>();
        List<Long> selected = new ArrayList<>();
        for (long box : candidates) {
            if (taken.size() >= limits.boxes()) {
                break;
            }
            Operands.work(taken.size());
            Region region = region(boxes, (image * boxes.dim(1) + box) * BOX);
            if (taken.stream().noneMatch(t -> t.overlaps(region, limits.overlap()))) {
                taken.add(region);
                selected.add(box);
            }
        }
        return selected;
    }

    private static int compare(float a, float b) {
        if (Float.isNaN(a) || Float.isNaN(b)) {
            return Boolean.compare(Float.isNaN(a), Float.isNaN(b));
        }
        return a == b ? 0 : a > b ? -1 : 1;
    }

    private Region region(Tensor boxes, long at) {
        float a = boxes.getFloat(at);
        float b = boxes.getFloat(at + 1);
        float c = boxes.getFloat(at + 2);
        float d = boxes.getFloat(at + 3);
        return centerPointBox
                ? new Region(a - c / 2, b - d / 2, a + c / 2, b + d / 2)
                : new Region(Math.min(b, d), Math.min(a, c), Math.max(b, d), Math.max(a, c));
    }

    private record Region(float left, float top, float right, float bottom) {
        private float area() {
            return (right - left) * (bottom - top);
        }

        private boolean overlaps(Region o, float share) {
            float width = Math.min(right, o.right) - Math.max(left, o.left);
            float height = Math.min(bottom, o.bottom) - Math.max(top, o.top);
            if (!(width > 0 && height > 0)) {
                return false;
            }
            float both = width * height;
            float either = area() + o.area() - both;
            return both > 0 && area() > 0 && o.area() > 0 && either > 0 && both / either > share;
        }
    }
}
