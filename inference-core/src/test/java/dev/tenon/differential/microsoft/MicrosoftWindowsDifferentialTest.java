package dev.tenon.differential.microsoft;

import static dev.tenon.differential.microsoft.Microsoft.of;
import static dev.tenon.differential.microsoft.Microsoft.put;

import dev.tenon.differential.Draw;
import dev.tenon.differential.Family;
import dev.tenon.differential.Generator;
import dev.tenon.differential.Generators;
import dev.tenon.differential.OperatorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Convolutions with an activation, and pooling of masked pixels or with channels last. */
@Tag("tiers")
class MicrosoftWindowsDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "FusedConv", MicrosoftWindowsDifferentialTest::convolution);
        put(all, "QLinearConv", MicrosoftWindowsDifferentialTest::quantised);
        put(all, "QLinearAveragePool", MicrosoftWindowsDifferentialTest::average);
        put(all, "QLinearGlobalAveragePool", MicrosoftWindowsDifferentialTest::global);
        put(all, "NhwcMaxPool", MicrosoftWindowsDifferentialTest::greatest);
        put(all, "MaxpoolWithMask", MicrosoftWindowsDifferentialTest::masked);
        return all;
    }

    /** A batch of images with channels last or first. */
    private static long[] image(Draw draw, long channels, int axes, boolean last) {
        long[] dims = new long[axes + 2];
        dims[0] = draw.between(1, 2);
        dims[last ? axes + 1 : 1] = channels;
        for (int i = 0; i < axes; i++) {
            dims[(last ? 1 : 2) + i] = draw.between(5, axes == 1 ? 40 : axes == 2 ? 14 : 7);
        }
        return dims;
    }

    private static long[] weights(Draw draw, long out, long each, int axes) {
        long[] dims = Arrays.copyOf(new long[] {out, each}, 2 + axes);
        for (int i = 0; i < axes; i++) {
            dims[2 + i] = draw.between(1, 3);
        }
        return dims;
    }

    /** Strides and padding, as numbers or as a rule. */
    private static OperatorModel windows(Draw draw, OperatorModel model, long[] kernel, boolean dilates) {
        int axes = kernel.length;
        boolean ruled = draw.chance(25);
        long[] pads = new long[2 * axes];
        for (int i = 0; i < pads.length; i++) {
            pads[i] = draw.between(0, (int) kernel[i % axes] - 1);
        }
        return model.attribute("strides", draw.chance(60) ? draw.each(axes, 1, 3) : null)
                .attribute("dilations", dilates && !ruled && draw.chance(30) ? draw.each(axes, 1, 2) : null)
                .attribute("auto_pad", ruled ? draw.pick("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET") : null)
                .attribute("pads", !ruled && draw.chance(60) ? pads : null);
    }

    private static float[] parameters(Draw draw, String activation) {
        return switch (activation) {
            case "LeakyRelu" -> new float[] {draw.pick(0.1f, 0.3f)};
            case "Clip" -> draw.pick(new float[] {-1, 2}, new float[] {0, 6});
            case "HardSigmoid" -> new float[] {0.3f, 0.4f};
            default -> null;
        };
    }

    private static OperatorModel convolution(Draw draw, String name) {
        DType type = DType.FLOAT32;
        int axes = draw.pick(1, 2, 2, 2, 3);
        long group = draw.chance(30) ? draw.between(2, 3) : 1;
        long each = draw.between(1, 5);
        long out = group * draw.between(1, 6);
        long[] w = weights(draw, out, each, axes);
        long[] kernel = Arrays.copyOfRange(w, 2, w.length);
        String activation = draw.pick("Relu", "Tanh", "Sigmoid", "LeakyRelu", "Clip", "HardSigmoid");
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                draw.summands(type, image(draw, group * each, axes, false)),
                draw.tame(type, w),
                draw.chance(50) ? null : draw.tame(type, out));
        return windows(draw, model, kernel, true)
                .attribute("activation", activation)
                .attribute("activation_params", parameters(draw, activation))
                .attribute("group", group == 1 ? draw.pick(null, 1L) : Long.valueOf(group))
                .attribute("kernel_shape", draw.chance(50) ? kernel : null);
    }

    private static OperatorModel quantised(Draw draw, String name) {
        DType x = draw.pick(Microsoft.BYTES);
        DType w = x == DType.INT8 ? x : draw.pick(Microsoft.BYTES);
        int axes = draw.pick(1, 2, 2, 3);
        boolean last = draw.chance(60);
        long group = draw.chance(30) ? draw.between(2, 3) : 1;
        long each = draw.between(1, 4);
        long out = group * draw.between(1, 4);
        long[] filters = weights(draw, out, each, axes);
        long[] channels = draw.chance(40) ? new long[] {out} : new long[0];
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                draw.bytes(x, image(draw, group * each, axes, last)),
                Microsoft.scale(draw),
                Microsoft.zero(draw, x),
                draw.bytes(w, filters),
                Microsoft.scale(draw, channels),
                w == DType.INT8 ? Tensor.allocate(w, channels) : draw.whole(w, 5, 5, channels),
                draw.real(DType.FLOAT32, 0.5, 9),
                Microsoft.zero(draw, x),
                draw.chance(50) ? draw.whole(DType.INT32, -500, 500, out) : null);
        return windows(draw, model, Arrays.copyOfRange(filters, 2, filters.length), true)
                .attribute("group", group == 1 ? draw.pick(null, 1L) : Long.valueOf(group))
                .attribute("channels_last", last ? Long.valueOf(1) : draw.pick(null, 0L));
    }

    private static OperatorModel average(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        int axes = draw.between(1, 3);
        boolean last = draw.chance(40);
        long[] kernel = draw.each(axes, 1, 3);
        OperatorModel model = Generators.operands(
                draw,
                of(name),
                draw.bytes(type, image(draw, draw.between(1, 5), axes, last)),
                Microsoft.scale(draw),
                draw.chance(15) ? null : Microsoft.zero(draw, type),
                Microsoft.scale(draw),
                draw.chance(15) ? null : Microsoft.zero(draw, type));
        return windows(draw, model, kernel, false)
                .attribute("kernel_shape", kernel)
                .attribute("ceil_mode", draw.pick(null, 0L, 1L))
                .attribute("channels_last", last ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("count_include_pad", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel global(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        return Generators.operands(
                        draw,
                        of(name),
                        draw.wild(type, draw.fullDims(3, 5)),
                        Microsoft.scale(draw),
                        Microsoft.zero(draw, type),
                        Microsoft.scale(draw),
                        Microsoft.zero(draw, type))
                .attribute("channels_last", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel greatest(Draw draw, String name) {
        int axes = draw.between(1, 3);
        long[] kernel = draw.each(axes, 1, 3);
        OperatorModel model =
                of(name).input(draw.wild(draw.pick(Microsoft.BYTES), image(draw, draw.positive(), axes, true)));
        return windows(draw, model, kernel, true)
                .attribute("kernel_shape", kernel)
                .attribute("ceil_mode", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel masked(Draw draw, String name) {
        int axes = draw.between(1, 3);
        long[] kernel = draw.each(axes, 1, 3);
        long[] dims = image(draw, draw.between(1, 4), axes, false);
        OperatorModel model = Generators.operands(
                draw, of(name), draw.tame(DType.FLOAT32, dims), draw.whole(DType.INT32, 0, 1, dims));
        return windows(draw, model, kernel, false).attribute("kernel_shape", kernel);
    }
}
