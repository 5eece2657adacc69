package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import java.util.List;

/**
 * A network of inverted residuals with linear ends, as MobileNetV2. Batch normalisation is folded into convolutions.
 *
 * @param image the height and width of the image
 * @param stem the channels of the first convolution
 * @param stages the stages
 * @param head the channels of the last convolution
 * @param classes the number of classes
 */
record MobileNet(int image, int stem, List<Stage> stages, int head, int classes) implements Network {
    /** The sizes of MobileNetV2. */
    static final MobileNet V2 = new MobileNet(
            224,
            32,
            List.of(
                    new Stage(1, 16, 1, 1),
                    new Stage(6, 24, 2, 2),
                    new Stage(6, 32, 3, 2),
                    new Stage(6, 64, 4, 2),
                    new Stage(6, 96, 3, 1),
                    new Stage(6, 160, 3, 2),
                    new Stage(6, 320, 1, 1)),
            1280,
            1000);

    /**
     * Blocks of one size.
     *
     * @param expansion how many times as many channels there are inside
     * @param channels the channels of the result
     * @param blocks the number of blocks
     * @param stride the stride of the first one
     */
    record Stage(int expansion, int channels, int blocks, int stride) {}

    private static final int WINDOW = 3;

    /** Sums that a ReLU follows: it leaves half of the mean square. */
    private static final double RELU = 2;

    @Override
    public Graph graph(Layers l) {
        Value x = clipped(l, l.conv(l.input("input", DType.FLOAT32, 1, 3, image, image), stem, WINDOW, 2, RELU));
        for (Stage stage : stages) {
            for (int i = 0; i < stage.blocks(); i++) {
                x = block(l, x, stage, i == 0 ? stage.stride() : 1);
            }
        }
        Value last = clipped(l, l.conv(x, head, 1, 1, RELU));
        return l.output("output", l.gemm(l.along(1, "Flatten", l.node("GlobalAveragePool", last)), classes));
    }

    private static Value block(Layers l, Value x, Stage stage, long stride) {
        long channels = Layers.size(x, 1);
        Value wide = stage.expansion() == 1 ? x : clipped(l, l.conv(x, stage.expansion() * channels, 1, 1, RELU));
        Value narrow = l.conv(clipped(l, l.depthwise(wide, WINDOW, stride, RELU)), stage.channels(), 1, 1, 1);
        return stride == 1 && channels == stage.channels() ? l.node("Add", narrow, x) : narrow;
    }

    private static Value clipped(Layers l, Value x) {
        return l.node("Clip", Attributes.none(), x, l.constant(0), l.constant(6));
    }
}
