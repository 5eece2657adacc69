package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * A residual network of bottlenecks. Batch normalisation is folded into convolutions, as exporters do.
 *
 * @param image the height and width of the image
 * @param channels the channels of the first convolution and of the bottlenecks of the first stage
 * @param blocks the number of blocks of each stage
 * @param classes the number of classes
 */
record ResNet(int image, int channels, List<Integer> blocks, int classes) implements Network {
    /** The sizes of ResNet-50. */
    static final ResNet RESNET50 = new ResNet(224, 64, List.of(3, 4, 6, 3), 1000);

    /** Sums that a Relu follows: it halves the mean square. */
    private static final double RELU = 2;

    /** The gain of the branch of a block, below 1: numbers would grow with each block otherwise. */
    private static final double ADDED = 0.5;

    private static final int EXPANSION = 4;

    @Override
    public Graph graph(Layers l) {
        Value pixels = l.input("input", DType.FLOAT32, 1, 3, image, image);
        Value x = l.maxPool(l.relu(l.conv(pixels, channels, 7, 2, RELU)), new Layers.Window(3, 2, 1, 1));
        for (int stage = 0; stage < blocks.size(); stage++) {
            long inner = (long) channels << stage;
            for (int i = 0; i < blocks.get(stage); i++) {
                long stride = i == 0 && stage > 0 ? 2 : 1;
                x = bottleneck(l, x, inner, stride, i == 0);
            }
        }
        Value pooled = l.along(1, "Flatten", l.node("GlobalAveragePool", x));
        return l.output("output", l.gemm(pooled, classes));
    }

    private static Value bottleneck(Layers l, Value x, long inner, long stride, boolean first) {
        Value narrow = l.relu(l.conv(x, inner, 1, 1, RELU));
        Value seen = l.relu(l.conv(narrow, inner, 3, stride, RELU));
        Value wide = l.conv(seen, EXPANSION * inner, 1, 1, ADDED);
        Value shortcut = first ? l.conv(x, EXPANSION * inner, 1, stride, 1) : x;
        return l.relu(l.node("Add", wide, shortcut));
    }
}
