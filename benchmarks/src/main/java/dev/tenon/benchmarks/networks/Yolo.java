package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A detector like YOLOv8: a backbone, a neck that combines three sizes of images, and a head that gives boxes as mean distances to
 * their sides. It has no filter of boxes that overlap.
 *
 * @param image the height and width of the image, a multiple of 32
 * @param channels the channels of the first convolution
 * @param blocks the blocks of the second and third stage; the first and last have half as many
 * @param classes the number of classes
 */
record Yolo(int image, int channels, int blocks, int classes) implements Network {
    /** The sizes of YOLOv8n. */
    static final Yolo LIKE_YOLOV8N = new Yolo(640, 16, 2, 80);

    /**
     * The gain of sums that a SiLU follows. It leaves 0.36 of a mean square of 1, and up to a half of a large one: with a gain of
     * 2.8 numbers grow from layer to layer, until the SiLU of the least is subnormal, which no trained network does.
     */
    private static final double SILU = 2.4;

    /** Distances that the head tells apart. */
    private static final int BINS = 16;

    @Override
    public Graph graph(Layers l) {
        long c = channels;
        Value x = l.input("images", DType.FLOAT32, 1, 3, image, image);
        x = conv(l, conv(l, x, c, 3, 2), 2 * c, 3, 2);
        x = stage(l, x, 2 * c, blocks / 2, true);
        Value large = stage(l, conv(l, x, 4 * c, 3, 2), 4 * c, blocks, true);
        Value middle = stage(l, conv(l, large, 8 * c, 3, 2), 8 * c, blocks, true);
        Value small = pyramid(l, stage(l, conv(l, middle, 16 * c, 3, 2), 16 * c, blocks / 2, true));

        Value up = stage(l, l.along(1, "Concat", twiceAsLarge(l, small), middle), 8 * c, blocks / 2, false);
        Value first = stage(l, l.along(1, "Concat", twiceAsLarge(l, up), large), 4 * c, blocks / 2, false);
        Value down = l.along(1, "Concat", conv(l, first, 4 * c, 3, 2), up);
        Value second = stage(l, down, 8 * c, blocks / 2, false);
        Value deepest = l.along(1, "Concat", conv(l, second, 8 * c, 3, 2), small);
        Value third = stage(l, deepest, 16 * c, blocks / 2, false);
        return head(l, List.of(first, second, third));
    }

    private static Value conv(Layers l, Value x, long channels, long kernel, long stride) {
        return l.silu(l.conv(x, channels, kernel, stride, SILU));
    }

    private static Value twiceAsLarge(Layers l, Value x) {
        Attributes nearest = Attributes.none()
                .with("coordinate_transformation_mode", "asymmetric")
                .with("mode", "nearest")
                .with("nearest_mode", "floor");
        return l.node("Resize", nearest, x, null, l.constant(1, 1, 2, 2));
    }

    /** A stage whose blocks see half of the channels each; all that they give is combined. */
    private static Value stage(Layers l, Value x, long channels, int count, boolean residual) {
        Value both = conv(l, x, channels, 1, 1);
        List<Value> parts =
                new ArrayList<>(List.of(l.slice(both, 1, 0, channels / 2), l.slice(both, 1, channels / 2, channels)));
        for (int i = 0; i < count; i++) {
            Value last = parts.getLast();
            Value seen = conv(l, conv(l, last, channels / 2, 3, 1), channels / 2, 3, 1);
            parts.add(residual ? l.node("Add", last, seen) : seen);
        }
        return conv(l, l.along(1, "Concat", parts.toArray(new Value[0])), channels, 1, 1);
    }

    /** Maxima of windows of 5, 9 and 13, beside the image. */
    private static Value pyramid(Layers l, Value x) {
        long channels = Layers.size(x, 1);
        Layers.Window window = new Layers.Window(5, 1, 2, 1);
        Value narrow = conv(l, x, channels / 2, 1, 1);
        Value five = l.maxPool(narrow, window);
        Value nine = l.maxPool(five, window);
        Value all = l.along(1, "Concat", narrow, five, nine, l.maxPool(nine, window));
        return conv(l, all, channels, 1, 1);
    }

    private Graph head(Layers l, List<Value> images) {
        long boxes = Math.max(4L * BINS, channels);
        long scores = Math.max(4L * channels, Math.min(classes, 100));
        Value[] found = new Value[images.size()];
        int[] sides = new int[found.length];
        for (int i = 0; i < found.length; i++) {
            Value x = images.get(i);
            Value sidesOfBoxes = l.conv(conv(l, conv(l, x, boxes, 3, 1), boxes, 3, 1), 4L * BINS, 1, 1, 1);
            Value kinds = l.conv(conv(l, conv(l, x, scores, 3, 1), scores, 3, 1), classes, 1, 1, 1);
            sides[i] = Math.toIntExact(Layers.size(x, 2));
            found[i] = l.reshape(l.along(1, "Concat", sidesOfBoxes, kinds), 1, 4L * BINS + classes, -1);
        }
        Value all = l.along(2, "Concat", found);
        Value kinds = l.node("Sigmoid", l.slice(all, 1, 4L * BINS, 4L * BINS + classes));
        Value distances = distances(l, l.slice(all, 1, 0, 4L * BINS));
        Value centres = l.constant(centres(sides));
        Value least = l.node("Sub", centres, l.slice(distances, 1, 0, 2));
        Value most = l.node("Add", centres, l.slice(distances, 1, 2, 4));
        Value middle = l.node("Div", l.node("Add", least, most), l.constant(2));
        Value places = l.along(1, "Concat", middle, l.node("Sub", most, least));
        Value scaled = l.node("Mul", places, l.constant(strides(sides)));
        return l.output("output0", l.along(1, "Concat", scaled, kinds));
    }

    /** The means of the distributions of the distances to the four sides. */
    private static Value distances(Layers l, Value sides) {
        long boxes = Layers.size(sides, 2);
        Value bins = l.along(1, "Softmax", l.transpose(l.reshape(sides, 1, 4, BINS, boxes), 0, 2, 1, 3));
        float[] numbers = new float[BINS];
        for (int i = 0; i < BINS; i++) {
            numbers[i] = i;
        }
        Value mean = l.node("Conv", bins, l.constant(Tensor.of(numbers, 1, BINS, 1, 1)));
        return l.reshape(mean, 1, 4, boxes);
    }

    private static int boxes(int[] sides) {
        return IntStream.of(sides).map(side -> side * side).sum();
    }

    /** The centres of the cells of all images, in cells: first all x, then all y. */
    private static Tensor centres(int[] sides) {
        int boxes = boxes(sides);
        float[] values = new float[2 * boxes];
        int at = 0;
        for (int side : sides) {
            for (int cell = 0; cell < side * side; cell++) {
                int row = cell / side;
                values[at] = cell - row * side + 0.5f;
                values[boxes + at++] = row + 0.5f;
            }
        }
        return Tensor.of(values, 1, 2, boxes);
    }

    /** The size of a cell of each box, in pixels. */
    private Tensor strides(int[] sides) {
        float[] values = new float[boxes(sides)];
        int at = 0;
        for (int side : sides) {
            for (int cell = 0; cell < side * side; cell++) {
                values[at++] = (float) image / side;
            }
        }
        return Tensor.of(values, 1, values.length);
    }
}
