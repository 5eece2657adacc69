package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A U-Net: each level of the way down halves the image and doubles the channels, and transposed convolutions lead up again. Batch
 * normalisation is a node of its own, as in exports that do not fold it.
 *
 * @param image the height and width of the image
 * @param channels the channels of the first level
 * @param levels the number of levels above the lowest
 * @param classes the number of classes of a pixel
 */
record UNet(int image, int channels, int levels, int classes) implements Network {
    /** An image of 256 x 256, and levels of 32 to 512 channels, half of those of the paper. */
    static final UNet CHANNELS32 = new UNet(256, 32, 4, 2);

    /** An image of 512 x 512, and levels of 16 to 256 channels. */
    static final UNet IMAGE512 = new UNet(512, 16, 4, 2);

    /** An image of 1024 x 1024, and levels of 8 to 128 channels. */
    static final UNet IMAGE1024 = new UNet(1024, 8, 4, 2);

    private static final double RELU = 2;

    @Override
    public Graph graph(Layers l) {
        Value x = l.input("input", DType.FLOAT32, 1, 3, image, image);
        Deque<Value> left = new ArrayDeque<>();
        for (int level = 0; level < levels; level++) {
            left.push(twice(l, x, (long) channels << level));
            x = l.maxPool(left.peek(), new Layers.Window(2, 2, 0, 1));
        }
        x = twice(l, x, (long) channels << levels);
        for (int level = levels - 1; level >= 0; level--) {
            Value up = l.doubled(x, (long) channels << level);
            x = twice(l, l.along(1, "Concat", left.pop(), up), (long) channels << level);
        }
        return l.output("output", l.conv(x, classes, 1, 1, 1));
    }

    private static Value twice(Layers l, Value x, long channels) {
        return convolved(l, convolved(l, x, channels), channels);
    }

    private static Value convolved(Layers l, Value x, long channels) {
        return l.relu(l.batchNorm(l.conv(x, channels, new Layers.Window(3, 1, 1, 1), RELU, false)));
    }
}
