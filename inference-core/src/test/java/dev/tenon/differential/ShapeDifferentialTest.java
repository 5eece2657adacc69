package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Tag;

/** Operators that move elements or compute shapes. */
@Tag("tiers")
class ShapeDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("Identity", draw -> OperatorModel.of("Identity").input(any(draw, draw.dims(0, 4))));
        all.put(
                "Shape",
                draw -> OperatorModel.of("Shape")
                        .input(any(draw, draw.dims(0, 4)))
                        .attribute("start", draw.pick(null, 0L, 1L, -2L))
                        .attribute("end", draw.pick(null, 2L, -1L, 9L)));
        all.put("Size", draw -> OperatorModel.of("Size").input(any(draw, draw.dims(0, 4))));
        all.put("Reshape", ShapeDifferentialTest::reshape);
        all.put("Flatten", draw -> {
            long[] dims = draw.dims(0, 4);
            return OperatorModel.of("Flatten")
                    .input(any(draw, dims))
                    .attribute(
                            "axis",
                            draw.chance(70) || dims.length == 0
                                    ? Long.valueOf(draw.between(-dims.length, dims.length))
                                    : null);
        });
        all.put("Squeeze", ShapeDifferentialTest::squeeze);
        all.put("Unsqueeze", ShapeDifferentialTest::unsqueeze);
        all.put("Transpose", draw -> {
            long[] dims = draw.dims(0, 5);
            long[] perm =
                    Arrays.stream(draw.permutation(dims.length)).asLongStream().toArray();
            return OperatorModel.of("Transpose")
                    .input(any(draw, dims))
                    .attribute("perm", draw.chance(85) ? perm : null);
        });
        all.put("Concat", ShapeDifferentialTest::concat);
        all.put("Split", ShapeDifferentialTest::split);
        all.put("Slice", ShapeDifferentialTest::slice);
        all.put("Pad", ShapeDifferentialTest::pad);
        all.put("Tile", draw -> {
            long[] dims = draw.dims(0, 4);
            Tensor repeats = draw.whole(DType.INT64, draw.chance(10) ? 0 : 1, 3, dims.length);
            return Generators.operands(draw, OperatorModel.of("Tile"), any(draw, dims), repeats);
        });
        all.put("Expand", draw -> {
            long[][] shapes = draw.broadcast(2);
            return Generators.operands(draw, OperatorModel.of("Expand"), any(draw, shapes[0]), Tensor.of(shapes[1]));
        });
        rearrangements(all);
        return all;
    }

    private static void rearrangements(Map<String, Generator> all) {
        all.put("DepthToSpace", draw -> {
            long b = draw.between(1, 3);
            long[] dims = {draw.positive(), b * b * draw.between(1, 3), draw.between(1, 5), draw.between(1, 5)};
            return OperatorModel.of("DepthToSpace")
                    .input(draw.tame(anyType(draw), dims))
                    .attribute("blocksize", b)
                    .attribute("mode", draw.pick(null, "DCR", "CRD"));
        });
        all.put("SpaceToDepth", draw -> {
            long b = draw.between(1, 3);
            long[] dims = {draw.positive(), draw.between(1, 3), b * draw.between(1, 4), b * draw.between(1, 4)};
            return OperatorModel.of("SpaceToDepth")
                    .input(draw.tame(anyType(draw), dims))
                    .attribute("blocksize", b);
        });
        all.put("CenterCropPad", ShapeDifferentialTest::centerCropPad);
        all.put("ReverseSequence", ShapeDifferentialTest::reverseSequence);
        all.put("Trilu", draw -> {
            Tensor k = draw.chance(70) ? Tensor.scalar(draw.longBetween(-4, 4)) : null;
            return Generators.operands(draw, OperatorModel.of("Trilu"), any(draw, draw.dims(2, 4)), k)
                    .attribute("upper", draw.pick(null, 0L, 1L));
        });
    }

    /** Elements of any type. */
    static Tensor any(Draw draw, long[] dims) {
        return draw.tensor(anyType(draw), dims);
    }

    /** Any type, sometimes a complex one, which the peer replaces by numbers. */
    static DType anyType(Draw draw) {
        return draw.chance(8) ? draw.pick(DType.COMPLEX64, DType.COMPLEX128) : draw.type(Draw.PLAIN);
    }

    private static OperatorModel reshape(Draw draw) {
        long[] dims = draw.dims(0, 4);
        List<Long> target = new ArrayList<>();
        for (long n : dims) {
            if (!target.isEmpty() && draw.chance(40)) {
                target.set(target.size() - 1, target.getLast() * n);
            } else {
                target.add(n);
            }
            if (draw.chance(15)) {
                target.add(1L);
            }
        }
        long[] shape = target.stream().mapToLong(Long::longValue).toArray();
        boolean empty = Arrays.stream(dims).anyMatch(n -> n == 0);
        boolean allowZero = empty || draw.chance(20);
        if (!empty && shape.length > 0 && draw.chance(50)) {
            shape[draw.between(0, shape.length - 1)] = -1;
        }
        if (!allowZero && shape.length > 0 && dims.length > 0 && shape[0] == dims[0] && draw.chance(50)) {
            shape[0] = 0;
        }
        return Generators.operands(draw, OperatorModel.of("Reshape"), any(draw, dims), Tensor.of(shape))
                .attribute("allowzero", allowZero ? Long.valueOf(1) : null);
    }

    private static OperatorModel squeeze(Draw draw) {
        long[] dims = draw.dims(0, 5);
        List<Long> axes = new ArrayList<>();
        for (int a = 0; a < dims.length; a++) {
            if (draw.chance(40)) {
                dims[a] = 1;
                axes.add((long) (draw.chance(30) ? a - dims.length : a));
            }
        }
        boolean given = !axes.isEmpty() && draw.chance(80);
        return Generators.operands(
                draw,
                OperatorModel.of("Squeeze"),
                any(draw, dims),
                given ? Tensor.of(axes.stream().mapToLong(Long::longValue).toArray()) : null);
    }

    private static OperatorModel unsqueeze(Draw draw) {
        long[] dims = draw.dims(0, 3);
        int rank = dims.length + draw.between(1, 3);
        int[] places = draw.permutation(rank);
        long[] axes = new long[rank - dims.length];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = draw.chance(30) ? places[i] - rank : places[i];
        }
        return Generators.operands(draw, OperatorModel.of("Unsqueeze"), any(draw, dims), Tensor.of(axes));
    }

    private static OperatorModel concat(Draw draw) {
        DType type = draw.type(Draw.PLAIN);
        long[] dims = draw.dims(1, 4);
        long axis = draw.axis(dims.length);
        OperatorModel model = OperatorModel.of("Concat").attribute("axis", axis);
        int count = draw.between(1, 5);
        for (int i = 0; i < count; i++) {
            long[] own = dims.clone();
            own[(int) Math.floorMod(axis, (long) dims.length)] = draw.between(draw.chance(10) ? 0 : 1, 5);
            Tensor t = draw.tensor(type, own);
            if (draw.chance(20)) {
                model.constant(t);
            } else {
                model.input(t);
            }
        }
        return model;
    }

    private static OperatorModel split(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        int at = (int) Math.floorMod(axis, (long) dims.length);
        OperatorModel model = OperatorModel.of("Split");
        if (draw.chance(50)) {
            int parts = draw.between(1, 4);
            long[] sizes = new long[parts];
            dims[at] = 0;
            for (int i = 0; i < parts; i++) {
                sizes[i] = draw.between(draw.chance(10) ? 0 : 1, 4);
                dims[at] += sizes[i];
            }
            Generators.operands(draw, model, any(draw, dims), Tensor.of(sizes)).outputs(parts);
        } else {
            // Rounded up: the last part may be smaller, but is never missing.
            int parts = draw.between(1, (int) Math.min(4, dims[at]));
            long each = (dims[at] + parts - 1) / parts;
            parts = (int) ((dims[at] + each - 1) / each);
            model.input(any(draw, dims)).outputs(parts).attribute("num_outputs", (long) parts);
        }
        return model.attribute("axis", axis);
    }

    private static OperatorModel slice(Draw draw) {
        long[] dims = draw.dims(1, 4);
        int[] some = draw.some(dims.length);
        boolean all = draw.chance(20);
        int n = all ? dims.length : some.length;
        long[] starts = new long[n];
        long[] ends = new long[n];
        long[] axes = new long[n];
        long[] steps = new long[n];
        for (int i = 0; i < n; i++) {
            int axis = all ? i : some[i];
            int size = (int) dims[axis];
            axes[i] = draw.chance(30) ? axis - dims.length : axis;
            starts[i] = draw.between(-size - 2, size + 2);
            ends[i] = draw.between(-size - 2, size + 2);
            steps[i] = draw.pick(1L, 1L, 2L, 3L, -1L, -2L);
            if (draw.chance(20)) {
                ends[i] = steps[i] > 0 ? draw.pick(Long.MAX_VALUE, (long) Integer.MAX_VALUE) : Long.MIN_VALUE + 1;
            }
        }
        boolean narrow = draw.chance(30);
        Tensor[] places = {
            Tensor.of(starts), Tensor.of(ends), all ? null : Tensor.of(axes), draw.chance(60) ? Tensor.of(steps) : null
        };
        for (int i = 0; i < places.length && narrow; i++) {
            places[i] = places[i] == null ? null : clamped(places[i]);
        }
        return Generators.operands(draw, OperatorModel.of("Slice"), any(draw, dims), places);
    }

    private static Tensor clamped(Tensor t) {
        Tensor r = Tensor.allocate(DType.INT32, t.dims());
        for (long i = 0; i < t.size(); i++) {
            r.setLong(i, Math.clamp(t.getLong(i), Integer.MIN_VALUE + 1, Integer.MAX_VALUE));
        }
        return r;
    }

    private static OperatorModel pad(Draw draw) {
        DType type = draw.chance(8) ? anyType(draw) : draw.type(Generators.types("Pad", 0));
        long[] dims = draw.fullDims(1, 4);
        String mode = draw.pick(null, "constant", "reflect", "edge", "wrap");
        int[] some = draw.chance(40) ? draw.some(dims.length) : null;
        int n = some == null ? dims.length : some.length;
        long[] pads = new long[2 * n];
        for (int i = 0; i < n; i++) {
            int size = (int) dims[some == null ? i : some[i]];
            boolean constant = mode == null || mode.equals("constant");
            int most = constant || "edge".equals(mode) ? 3 : "wrap".equals(mode) ? size : size - 1;
            pads[i] = draw.between(constant && draw.chance(20) ? -Math.min(2, size / 2) : 0, Math.min(3, most));
            pads[n + i] = draw.between(constant && draw.chance(20) ? -Math.min(2, size / 2) : 0, Math.min(3, most));
        }
        Tensor axes = some == null
                ? null
                : Tensor.allocate(type == DType.FLOAT32 ? draw.pick(DType.INT64, DType.INT32) : DType.INT64, n);
        for (int i = 0; some != null && i < n; i++) {
            axes.setLong(i, draw.chance(30) ? some[i] - dims.length : some[i]);
        }
        return Generators.operands(
                        draw,
                        OperatorModel.of("Pad"),
                        draw.tensor(type, dims),
                        Tensor.of(pads),
                        draw.chance(50) ? draw.tame(type) : null,
                        axes)
                .attribute("mode", mode);
    }

    private static OperatorModel centerCropPad(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        int[] some =
                draw.chance(50) ? Arrays.copyOf(draw.permutation(dims.length), draw.between(1, dims.length)) : null;
        int n = some == null ? dims.length : some.length;
        DType type = draw.type(Draw.NUMBERS);
        DType places = type == DType.FLOAT32 ? draw.pick(DType.INT64, DType.INT32) : DType.INT64;
        Tensor shape = draw.whole(places, 1, 7, n);
        return Generators.operands(draw, OperatorModel.of("CenterCropPad"), draw.tensor(type, dims), shape)
                .attribute(
                        "axes",
                        some == null ? null : Arrays.stream(some).asLongStream().toArray());
    }

    private static OperatorModel reverseSequence(Draw draw) {
        long[] dims = draw.fullDims(2, 4);
        boolean timeFirst = draw.chance(50);
        int batch = timeFirst ? 1 : 0;
        Tensor lengths = draw.whole(DType.INT64, 1, dims[1 - batch], dims[batch]);
        return Generators.operands(draw, OperatorModel.of("ReverseSequence"), any(draw, dims), lengths)
                .attribute("batch_axis", (long) batch)
                .attribute("time_axis", 1L - batch);
    }
}
