package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Operators of older versions, with attributes in place of operands or other defaults. Reading makes newer operators of them,
 * which the other families compare on each tier.
 */
class OlderFormsDifferentialTest extends Family {
    private static final String OLDER = Generators.COPY + "older";

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put(
                "Clip" + OLDER,
                draw -> OperatorModel.of("Clip")
                        .version(draw.pick(7, 10))
                        .input(draw.tensor(DType.FLOAT32, draw.fullDims(0, 3)))
                        .attribute("min", draw.pick(null, -1f, 0f))
                        .attribute("max", draw.pick(null, 1f, 6f)));
        for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            all.put(name + OLDER, draw -> {
                long[] dims = draw.fullDims(1, 4);
                int version = draw.pick(7, 11, 12);
                int axis = draw.between(0, dims.length - 1);
                return OperatorModel.of(name)
                        .version(version)
                        .input(draw.tame(DType.FLOAT32, dims))
                        .attribute(
                                "axis",
                                dims.length > 1 && draw.chance(20)
                                        ? null
                                        : Long.valueOf(version > 10 && draw.chance(30) ? axis - dims.length : axis));
            });
        }
        for (String name : List.of("Squeeze", "Unsqueeze")) {
            all.put(name + OLDER, draw -> axes(draw, name));
        }
        for (String name : List.of(
                "ReduceL1",
                "ReduceL2",
                "ReduceLogSum",
                "ReduceLogSumExp",
                "ReduceMax",
                "ReduceMean",
                "ReduceMin",
                "ReduceProd",
                "ReduceSum",
                "ReduceSumSquare")) {
            all.put(name + OLDER, draw -> reduce(draw, name));
        }
        selections(all);
        products(all);
        images(all);
        return all;
    }

    private static void selections(Map<String, Generator> all) {
        all.put("Slice" + OLDER, OlderFormsDifferentialTest::slice);
        all.put("Split" + OLDER, OlderFormsDifferentialTest::split);
        all.put("Pad" + OLDER, OlderFormsDifferentialTest::pad);
        all.put("TopK" + OLDER, draw -> {
            long[] dims = draw.fullDims(1, 3);
            int axis = draw.between(0, dims.length - 1);
            return OperatorModel.of("TopK")
                    .version(draw.pick(7, 9))
                    .input(draw.tame(DType.FLOAT32, dims))
                    .attribute("k", draw.longBetween(1, dims[axis]))
                    .attribute("axis", (long) axis)
                    .outputs(2);
        });
        all.put(
                "OneHot" + OLDER,
                draw -> OperatorModel.of("OneHot")
                        .version(draw.pick(9, 10))
                        .input(draw.whole(DType.INT64, 0, 4, draw.fullDims(1, 3)))
                        .input(Tensor.scalar(5L).reshape(1))
                        .input(draw.tame(DType.FLOAT32, 2))
                        .attribute("axis", draw.pick(null, 0L, -1L)));
        for (String name : List.of("ArgMax", "ArgMin")) {
            all.put(name + OLDER, draw -> {
                long[] dims = draw.fullDims(1, 3);
                return OperatorModel.of(name)
                        .version(draw.pick(7, 11))
                        .input(draw.tame(DType.FLOAT32, dims))
                        .attribute("axis", draw.chance(50) ? Long.valueOf(draw.between(0, dims.length - 1)) : null)
                        .attribute("keepdims", draw.pick(null, 0L));
            });
        }
    }

    private static void products(Map<String, Generator> all) {
        all.put(
                "Dropout" + OLDER,
                draw -> OperatorModel.of("Dropout")
                        .version(draw.pick(7, 10, 11))
                        .input(draw.tame(DType.FLOAT32, draw.fullDims(0, 3)))
                        .attribute("ratio", draw.pick(null, 0.1f, 0.9f)));
        all.put("BatchNormalization" + OLDER, OlderFormsDifferentialTest::batch);
        all.put(
                "Flatten" + OLDER,
                draw -> OperatorModel.of("Flatten")
                        .version(draw.pick(7, 9))
                        .input(draw.tame(DType.FLOAT32, draw.fullDims(1, 4)))
                        .attribute("axis", draw.pick(null, 0L, 1L)));
        all.put("Gemm" + OLDER, draw -> {
            long m = draw.between(1, 5);
            long n = draw.between(1, 5);
            long k = draw.between(1, 9);
            return OperatorModel.of("Gemm")
                    .version(draw.pick(7, 9))
                    .input(draw.tame(DType.FLOAT32, m, k))
                    .input(draw.tame(DType.FLOAT32, k, n))
                    .input(draw.tame(DType.FLOAT32, draw.pick(new long[] {n}, new long[] {m, n}, new long[] {1, 1})));
        });
    }

    private static void images(Map<String, Generator> all) {
        all.put(
                "Upsample" + OLDER,
                draw -> OperatorModel.of("Upsample")
                        .version(7)
                        .input(draw.real(
                                DType.FLOAT32, 1, 2, 1, draw.between(1, 3), draw.between(1, 5), draw.between(1, 5)))
                        .attribute("scales", new float[] {1, 1, draw.pick(1f, 2f, 3f), draw.pick(1f, 2f, 1.5f)})
                        .attribute("mode", draw.pick("nearest", "linear")));
        all.put(
                "Resize" + OLDER,
                draw -> OperatorModel.of("Resize")
                        .version(10)
                        .input(draw.real(
                                DType.FLOAT32, 1, 2, 1, draw.between(1, 3), draw.between(1, 5), draw.between(1, 5)))
                        .constant(Tensor.of(new float[] {1, 1, draw.pick(1f, 2f, 3f), draw.pick(1f, 2f, 1.5f)}, 4))
                        .attribute("mode", draw.pick(null, "nearest", "linear"))
                        .after("Identity", List.of("y0"), List.of("z"), Map.of())
                        .results(List.of("y0"), List.of("z")));
    }

    private static long[] chosen(Draw draw, int rank, boolean negative) {
        int[] some = Arrays.copyOf(draw.permutation(rank), draw.between(1, rank));
        return Arrays.stream(some)
                .mapToLong(a -> negative && draw.chance(30) ? a - rank : a)
                .toArray();
    }

    private static OperatorModel axes(Draw draw, String name) {
        int version = draw.pick(7, 11, 12);
        boolean squeeze = name.equals("Squeeze");
        long[] dims = draw.fullDims(1, 3);
        long[] axes = chosen(draw, squeeze ? dims.length : dims.length + 1, version > 10);
        if (squeeze) {
            Arrays.stream(axes).forEach(a -> dims[(int) Math.floorMod(a, (long) dims.length)] = 1);
        } else {
            axes = new long[] {axes[0]};
        }
        return OperatorModel.of(name)
                .version(version)
                .input(draw.tame(DType.FLOAT32, dims))
                .attribute("axes", squeeze && draw.chance(20) ? null : axes);
    }

    private static OperatorModel reduce(Draw draw, String name) {
        long[] dims = draw.fullDims(1, 4);
        int version = name.equals("ReduceSum") ? draw.pick(7, 11, 12) : draw.pick(7, 11, 13);
        return OperatorModel.of(name)
                .version(version)
                .input(draw.real(DType.FLOAT32, 0.5, 1.5, dims))
                .attribute("axes", draw.chance(80) ? chosen(draw, dims.length, version > 10) : null)
                .attribute("keepdims", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel slice(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        long[] axes = chosen(draw, dims.length, false);
        long[] starts = new long[axes.length];
        long[] ends = new long[axes.length];
        for (int i = 0; i < axes.length; i++) {
            int size = (int) dims[(int) axes[i]];
            starts[i] = draw.between(-size, size - 1);
            ends[i] = draw.chance(30) ? Integer.MAX_VALUE : draw.between(-size, size + 1);
        }
        boolean leading = Arrays.equals(axes, new long[] {0});
        return OperatorModel.of("Slice")
                .version(draw.pick(7, 9))
                .input(draw.tame(DType.FLOAT32, dims))
                .attribute("axes", leading && draw.chance(50) ? null : axes)
                .attribute("starts", starts)
                .attribute("ends", ends);
    }

    private static OperatorModel split(Draw draw) {
        long[] dims = draw.fullDims(1, 3);
        int axis = draw.between(0, dims.length - 1);
        int parts = draw.between(1, 4);
        boolean given = draw.chance(50);
        long[] sizes = new long[parts];
        long each = draw.between(1, 3);
        for (int i = 0; i < parts; i++) {
            sizes[i] = given ? draw.between(1, 4) : each;
        }
        dims[axis] = Arrays.stream(sizes).sum();
        int version = draw.pick(7, 11, 12);
        return OperatorModel.of("Split")
                .version(version)
                .input(draw.tame(DType.FLOAT32, dims))
                .attribute("axis", version > 10 && draw.chance(30) ? axis - dims.length : axis)
                .attribute("split", given ? sizes : null)
                .outputs(parts);
    }

    private static OperatorModel pad(Draw draw) {
        long[] dims = draw.fullDims(1, 3);
        String mode = draw.pick(null, "constant", "reflect", "edge");
        long[] pads = new long[2 * dims.length];
        for (int i = 0; i < pads.length; i++) {
            int most = "reflect".equals(mode) ? (int) dims[i % dims.length] - 1 : 3;
            pads[i] = draw.between(0, Math.min(3, most));
        }
        return OperatorModel.of("Pad")
                .version(draw.pick(7, 10))
                .input(draw.tame(DType.FLOAT32, dims))
                .attribute("pads", pads)
                .attribute("mode", mode)
                .attribute("value", draw.pick(null, 1.5f));
    }

    /** With statistics for each channel or each of its elements. The sums do not cancel. */
    private static OperatorModel batch(Draw draw) {
        long[] dims = draw.fullDims(2, 4);
        boolean ofElements = draw.chance(40);
        long[] each = ofElements ? Arrays.copyOfRange(dims, 1, dims.length) : new long[] {dims[1]};
        return OperatorModel.of("BatchNormalization")
                .version(ofElements ? draw.pick(7, 8) : draw.pick(7, 9))
                .input(draw.real(DType.FLOAT32, 1, 5, dims))
                .input(draw.real(DType.FLOAT32, 0.1, 3, each))
                .input(draw.real(DType.FLOAT32, 0, 3, each))
                .input(draw.real(DType.FLOAT32, -3, 0, each))
                .input(draw.real(DType.FLOAT32, 0.1, 3, each))
                .attribute("spatial", ofElements ? Long.valueOf(0) : null);
    }
}
