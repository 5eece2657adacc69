package dev.tenon.compression.prune;

import dev.tenon.Model;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.WindowAttributes.AutoPad;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Exp;
import dev.tenon.op.math.HardSwish;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Relu;
import dev.tenon.op.math.Sigmoid;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.BatchNormalization;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GroupNormalization;
import dev.tenon.op.nn.InstanceNormalization;
import dev.tenon.op.nn.LRN;
import dev.tenon.op.nn.LayerNormalization;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.nn.Softmax;
import dev.tenon.op.reduce.ReduceMean;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.DepthToSpace;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A random network of images of 4 by 4 places: layers, sums, normalisations, and operators that move elements. */
final class RandomNet {
    private static final Attributes NONE = Attributes.none();
    private static final Attributes HALVED =
            NONE.with("kernel_shape", List.of(2L, 2L)).with("strides", List.of(2L, 2L));
    private static final int KINDS = 25;

    private final Random random;
    private final Nets nets;
    private final List<Value> values = new ArrayList<>();

    /** The weights of convolutions that others may use too. */
    private final List<Value> weights = new ArrayList<>();

    private int names;

    private RandomNet(long seed) {
        this.random = new Random(seed);
        this.nets = new Nets(seed);
    }

    /** A network with an input x of [batch, 3, 4, 4]. */
    static Model of(long seed, int nodes) {
        RandomNet net = new RandomNet(seed);
        net.values.add(net.conv(net.nets.input(-1, 3, 4, 4), 8, 3, 1));
        for (int i = 0; i < nodes; i++) {
            net.values.add(net.grown(net.any(), net.random.nextInt(KINDS)));
        }
        Value y = null;
        for (int i = Math.max(0, net.values.size() - 3); i < net.values.size(); i++) {
            Value part = net.conv(net.node(new Relu(), net.values.get(i)), 2, 1, 1);
            y = y == null ? part : net.node(new Add(), y, part);
        }
        return net.nets.model(y);
    }

    private Value any() {
        return values.get(values.size() - 1 - Math.min(random.nextInt(3), random.nextInt(values.size())));
    }

    private Value node(Op op, Value... operands) {
        return nets.node("n" + names++, op, operands);
    }

    private Value random(int terms, long... dims) {
        return nets.constant(nets.normal(terms, dims));
    }

    private Value list(long... list) {
        return nets.constant(Tensor.of(list));
    }

    private static int channels(Value v) {
        return (int) v.tensorType().shape().dim(1).value();
    }

    private Value conv(Value x, int outputs, int size, int groups) {
        Value y = nets.conv("c" + names++, x, outputs, size, groups);
        weights.add(y.producer().input(1));
        return y;
    }

    private Value grown(Value from, int kind) {
        Value x = channels(from) < 3 ? conv(from, 6, 1, 1) : from;
        return switch (kind) {
            case 0 -> conv(x, 4 + random.nextInt(6), 1, 1);
            case 1, 2 -> conv(x, 4 + random.nextInt(6), 3, 1);
            case 3 -> conv(x, channels(x), 3, channels(x));
            case 4 -> channels(x) % 2 == 0 ? conv(x, 6, 1, 2) : conv(x, 6, 1, 1);
            case 5 -> again(x);
            case 6 -> node(new HardSwish(), x);
            case 7 -> joined(x, new Add());
            case 8 -> joined(x, new Mul());
            case 9 -> node(new Add(), x, node(new Relu(), conv(x, channels(x), 1, 1)));
            case 10 -> node(new Add(), x, conv(conv(x, 5, 1, 1), channels(x), 1, 1));
            case 11 -> gated(x);
            case 12 -> node(random.nextBoolean() ? new Mul() : new Add(), x, constant(x));
            case 13, 14 -> node(new Concat(1), x, kind == 13 ? any() : random(1, 1, 2, 4, 4));
            case 15 -> split(x);
            case 16 -> cut(x);
            case 17, 18 -> normalized(x);
            case 19, 20 -> tokens(x);
            case 21 -> window(x);
            case 22 -> placed(x);
            default -> sized(x);
        };
    }

    /** A convolution with the weights of an earlier one, if one fits. */
    private Value again(Value x) {
        for (Value w : weights) {
            long[] dims = w.constant().dims();
            if (dims[1] == channels(x) && dims[2] == 1) {
                return node(new Conv(window(List.of(1L, 1L), List.of()), 1), x, w);
            }
        }
        return conv(x, 8, 1, 1);
    }

    private static WindowAttributes window(List<Long> shape, List<Long> strides) {
        return new WindowAttributes(AutoPad.NOTSET, shape, strides, List.of(), List.of(), false);
    }

    private Value joined(Value x, Op op) {
        List<Value> same =
                values.stream().filter(v -> channels(v) == channels(x)).toList();
        return node(op, same.isEmpty() ? x : same.get(random.nextInt(same.size())), x);
    }

    private Value gated(Value x) {
        Value mean = random.nextBoolean()
                ? node(new GlobalAveragePool(), x)
                : node(new ReduceMean(true, false), x, list(-1, 2));
        return node(new Mul(), x, node(new Sigmoid(), conv(mean, channels(x), 1, 1)));
    }

    private Value constant(Value x) {
        return switch (random.nextInt(4)) {
            case 0 -> random(1, channels(x), 1, 1);
            case 1 -> random(1, 1, channels(x), 4, 4);
            case 2 -> random(1, 4);
            default -> random(1);
        };
    }

    private Value split(Value x) {
        long first = 1L + random.nextInt(channels(x) - 1);
        boolean isEven = channels(x) % 2 == 0 && random.nextBoolean();
        List<Value> parts = nets.builder()
                .add(
                        new Split(1, isEven ? 2 : 0),
                        "n" + names++,
                        isEven ? List.of(x) : List.of(x, list(first, channels(x) - first)),
                        List.of("n" + names++, "n" + names++));
        values.add(parts.get(0));
        return parts.get(1).tensorType().shape().dim(1).value() < 2 ? x : parts.get(1);
    }

    /** Operators that take, add or reorder channels. */
    private Value cut(Value x) {
        return switch (random.nextInt(4)) {
            case 0 -> node(new Slice(), x, list(1), list(channels(x)), list(1));
            case 1 -> node(new Gather(1), x, list(2, 0, 1, 1));
            case 2 -> node(new Pad(Pad.Mode.CONSTANT), x, list(0, 1, 0, 0, 0, 0, 0, 0));
            default -> node(new ReduceMean(true, false), x, list(1));
        };
    }

    private Value normalized(Value x) {
        int c = channels(x);
        Value scale = random(1, c);
        Value bias = random(1, c);
        return switch (random.nextInt(6)) {
            case 0 -> node(new InstanceNormalization(0.1f), x, scale, bias);
            case 1 -> node(new GroupNormalization(1, 0.1f, DType.FLOAT32), x, scale, bias);
            case 2 -> node(LRN.of(NONE.with("size", 3L)), x);
            case 3 -> node(LayerNormalization.of(NONE.with("axis", 2L)), x, random(1, 4, 4), random(1, 4, 4));
            case 4 -> node(new Softmax(random.nextInt(3) + 1), x);
            default -> node(BatchNormalization.of(NONE), x, scale, bias, random(1, c), node(new Exp(), random(1, c)));
        };
    }

    /** Products of tokens, and convolutions along their features. */
    private Value tokens(Value x) {
        int c = channels(x);
        Value last = node(new Transpose(List.of(0, 2, 3, 1)), x);
        Value tokens = node(new Reshape(false), last, list(0, 16, c));
        int width = 3 + random.nextInt(5);
        Value y = node(new Add(), node(new MatMul(), tokens, random(c, c, width)), random(1, width));
        y = switch (random.nextInt(5)) {
            case 0 -> node(LayerNormalization.of(NONE), y, random(1, width), random(1, width));
            case 1 -> node(RMSNormalization.of(NONE), y, random(1, width));
            case 2 ->
                node(
                        new Conv(
                                new WindowAttributes(
                                        AutoPad.NOTSET, List.of(3L), List.of(), List.of(1L, 1L), List.of(), false),
                                1),
                        y,
                        random(48, 16, 16, 3));
            case 3 -> node(new Softmax(-1), y);
            default -> node(new HardSwish(), y);
        };
        Value back = node(new Transpose(List.of(0, 2, 1)), y);
        return node(new Reshape(false), back, list(0, width, 4, -1));
    }

    private Value window(Value x) {
        Value padded = node(new Pad(Pad.Mode.EDGE), x, list(0, 0, 1, 1, 0, 0, 1, 1));
        return node(MaxPool.of(NONE.with("kernel_shape", List.of(3L, 3L))), padded);
    }

    /** Places become channels and back. */
    private Value placed(Value x) {
        if (channels(x) % 4 == 0) {
            Value more = node(DepthToSpace.of(NONE.with("blocksize", 2L)), x);
            return channels(x) < 8 ? x : node(AveragePool.of(HALVED), more);
        }
        return node(
                ConvTranspose.of(NONE.with("kernel_shape", List.of(1L, 1L))),
                x,
                random(4, channels(x), 5, 1, 1),
                random(1, 5));
    }

    /** Larger and smaller again; by sizes that are read from the value, too. */
    private Value sized(Value x) {
        if (random.nextBoolean()) {
            Value large = node(Resize.of(NONE), x, null, nets.constant(Tensor.of(new float[] {1, 1, 2, 2}, 4)));
            return node(AveragePool.of(HALVED), large);
        }
        Value count = node(new Gather(0), node(new Shape(0, Shape.TO_THE_END), x), list(1));
        Value sizes = node(new Concat(0), list(0), random.nextBoolean() ? count : list(channels(x)), list(-1));
        return node(new Reshape(false), node(new Reshape(false), x, sizes), list(0, 0, 4, 4));
    }
}
