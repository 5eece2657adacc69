package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Operators that select by index or compute indices. */
@Tag("tiers")
class IndexDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("Gather", IndexDifferentialTest::gather);
        all.put("GatherElements", IndexDifferentialTest::gatherElements);
        all.put("GatherND", IndexDifferentialTest::gatherNd);
        all.put("ScatterElements", IndexDifferentialTest::scatterElements);
        all.put("ScatterND", IndexDifferentialTest::scatterNd);
        all.put("Compress", IndexDifferentialTest::compress);
        all.put(
                "NonZero",
                draw -> OperatorModel.of("NonZero")
                        .input(draw.whole(draw.chance(15) ? DType.BOOL : number(draw), 0, 1, draw.dims(1, 4))));
        all.put("OneHot", IndexDifferentialTest::oneHot);
        all.put("EyeLike", draw -> {
            DType to = draw.chance(50) ? draw.type(Draw.NUMBERS) : null;
            return OperatorModel.of("EyeLike")
                    .input(draw.tensor(draw.type(Draw.NUMBERS), draw.dims(2, 2)))
                    .attribute("k", draw.pick(null, 0L, 1L, -2L, 70L))
                    .attribute("dtype", to == null ? null : Long.valueOf(Tensors.number(to)));
        });
        all.put("ConstantOfShape", draw -> {
            Tensor shape = Tensor.of(draw.dims(0, 4));
            Tensor value = draw.chance(80) ? draw.tensor(draw.type(Draw.NUMBERS), 1) : null;
            OperatorModel model = OperatorModel.of("ConstantOfShape").attribute("value", value);
            return draw.chance(50) ? model.constant(shape) : model.input(shape);
        });
        all.put("Range", IndexDifferentialTest::range);
        return all;
    }

    private static Tensor indices(Draw draw, DType type, long size, long... dims) {
        return draw.whole(type, draw.chance(50) ? -size : 0, size - 1, dims);
    }

    /** A number type, also a complex one. */
    private static DType number(Draw draw) {
        return draw.chance(8) ? draw.pick(DType.COMPLEX64, DType.COMPLEX128) : draw.type(Draw.NUMBERS);
    }

    /** Dimensions. Those without an index may be 0. */
    private static long[] dims(Draw draw, int axis, long[] full) {
        long[] dims = full.clone();
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i != axis && draw.chance(4) ? 0 : dims[i];
        }
        return dims;
    }

    private static DType index(Draw draw) {
        return draw.pick(DType.INT64, DType.INT64, DType.INT32);
    }

    private static OperatorModel gather(Draw draw) {
        long[] full = draw.fullDims(1, 4);
        long axis = draw.axis(full.length);
        int at = (int) Math.floorMod(axis, (long) full.length);
        long[] dims = dims(draw, at, full);
        Tensor indices = indices(draw, index(draw), dims[at], draw.dims(0, 3));
        return Generators.operands(draw, OperatorModel.of("Gather"), ShapeDifferentialTest.any(draw, dims), indices)
                .attribute("axis", draw.chance(90) || axis != 0 ? axis : null);
    }

    private static OperatorModel gatherElements(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        int at = (int) Math.floorMod(axis, (long) dims.length);
        long[] own = new long[dims.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = i == at ? draw.between(1, 5) : draw.longBetween(1, dims[i]);
        }
        if (draw.chance(5)) {
            own[draw.between(0, own.length - 1)] = 0;
        }
        return Generators.operands(
                        draw,
                        OperatorModel.of("GatherElements"),
                        ShapeDifferentialTest.any(draw, dims),
                        indices(draw, index(draw), dims[at], own))
                .attribute("axis", axis == 0 ? draw.pick(null, 0L) : Long.valueOf(axis));
    }

    /** Tuples of indices into the first dimensions of data, one in each row of the last dimension. */
    private static Tensor tuples(Draw draw, long[] data, int from, int width, long[] dims) {
        Tensor t = Tensor.allocate(DType.INT64, dims);
        for (long i = 0; i < t.size(); i++) {
            long size = data[from + (int) (i % width)];
            t.setLong(i, draw.longBetween(draw.chance(30) ? -size : 0, size - 1));
        }
        return t;
    }

    private static OperatorModel gatherNd(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        int batch = draw.between(0, dims.length - 1);
        int width = draw.between(1, dims.length - batch);
        int more = draw.pick(0, 1, 1, 2);
        long[] own = Arrays.copyOf(dims, batch + more + 1);
        for (int i = 0; i < more; i++) {
            own[batch + i] = draw.chance(5) ? 0 : draw.between(1, 4);
        }
        own[batch + more] = width;
        return Generators.operands(
                        draw,
                        OperatorModel.of("GatherND"),
                        ShapeDifferentialTest.any(draw, dims),
                        tuples(draw, dims, batch, width, own))
                .attribute("batch_dims", batch == 0 ? draw.pick(null, 0L) : Long.valueOf(batch));
    }

    /** Without a reduction no element is written twice, because the order of writes is undefined. */
    private static OperatorModel scatterElements(Draw draw) {
        return scatter(draw, "ScatterElements", draw.pick(null, "none", "add", "mul", "max", "min"));
    }

    static OperatorModel scatter(Draw draw, String name, String reduction) {
        boolean reduces = reduction != null && !reduction.equals("none");
        DType type = reduces ? draw.type(Draw.NUMBERS) : ShapeDifferentialTest.anyType(draw);
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        int at = (int) Math.floorMod(axis, (long) dims.length);
        long[] own = new long[dims.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = draw.longBetween(1, reduces && i == at ? dims[i] + 2 : dims[i]);
        }
        if (draw.chance(4)) {
            own[draw.between(0, own.length - 1)] = 0;
        }
        Tensor indices = Tensor.allocate(index(draw), own);
        int[] order = draw.permutation((int) dims[at]);
        long stride = 1;
        for (int i = at + 1; i < own.length; i++) {
            stride *= own[i];
        }
        for (long i = 0; i < indices.size(); i++) {
            long place = reduces ? draw.longBetween(0, dims[at] - 1) : order[(int) (i / stride % own[at])];
            indices.setLong(i, draw.chance(20) ? place - dims[at] : place);
        }
        return Generators.operands(
                        draw,
                        OperatorModel.of(name),
                        reduces ? data(draw, type, reduction, dims) : draw.tensor(type, dims),
                        indices,
                        reduces ? updates(draw, type, reduction, own) : draw.tensor(type, own))
                .attribute("axis", axis == 0 ? draw.pick(null, 0L) : Long.valueOf(axis))
                .attribute("reduction", reduction);
    }

    /** Integers from the whole range, because sums and products wrap. */
    private static Tensor data(Draw draw, DType type, String reduction, long[] dims) {
        boolean ordered = reduction.equals("max") || reduction.equals("min");
        return type.isInteger() || ordered ? withoutNaN(draw.wild(type, dims)) : draw.tame(type, dims);
    }

    private static Tensor updates(Draw draw, DType type, String reduction, long[] dims) {
        return draw.chance(50) ? draw.whole(type, -3, 3, dims) : data(draw, type, reduction, dims);
    }

    private static Tensor withoutNaN(Tensor t) {
        for (long i = 0; i < t.size() && t.dtype().isFloating(); i++) {
            if (Double.isNaN(t.getDouble(i))) {
                t.setDouble(i, 1);
            }
        }
        return t;
    }

    private static OperatorModel scatterNd(Draw draw) {
        String reduction = draw.pick(null, "none", "add", "mul", "max", "min");
        boolean reduces = reduction != null && !reduction.equals("none");
        DType type = reduces ? draw.type(Draw.NUMBERS) : ShapeDifferentialTest.anyType(draw);
        long[] dims = draw.fullDims(1, 4);
        int width = draw.between(1, dims.length);
        int rows = draw.chance(4) ? 0 : reduces ? draw.between(1, 5) : draw.between(1, (int) Math.min(4, dims[0]));
        // Rows of indices along one axis or two, or a single index.
        long[] outer = draw.pick(new long[] {rows}, new long[] {rows}, new long[] {1, rows}, new long[] {rows, 1});
        if (rows == 1 && draw.chance(50)) {
            outer = new long[0];
        }
        long[] shape = Arrays.copyOf(outer, outer.length + 1);
        shape[outer.length] = width;
        Tensor indices = tuples(draw, dims, 0, width, shape);
        int[] order = draw.permutation((int) dims[0]);
        for (int i = 0; i < rows && !reduces; i++) {
            indices.setLong((long) i * width, draw.chance(20) ? order[i] - dims[0] : order[i]);
        }
        long[] own = Arrays.copyOf(outer, outer.length + dims.length - width);
        System.arraycopy(dims, width, own, outer.length, dims.length - width);
        return Generators.operands(
                        draw,
                        OperatorModel.of("ScatterND"),
                        reduces ? data(draw, type, reduction, dims) : draw.tensor(type, dims),
                        indices,
                        reduces ? updates(draw, type, reduction, own) : draw.tensor(type, own))
                .attribute("reduction", reduction);
    }

    private static OperatorModel compress(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        Long axis = draw.chance(70) ? draw.axis(dims.length) : null;
        long size = 1;
        for (int i = 0; i < dims.length; i++) {
            size *= axis == null || i == Math.floorMod(axis, (long) dims.length) ? dims[i] : 1;
        }
        Tensor condition = draw.tame(DType.BOOL, draw.longBetween(draw.chance(5) ? 0 : 1, size));
        return Generators.operands(draw, OperatorModel.of("Compress"), ShapeDifferentialTest.any(draw, dims), condition)
                .attribute("axis", axis);
    }

    private static OperatorModel oneHot(Draw draw) {
        long[] dims = draw.dims(1, 3);
        int depth = draw.between(1, 6);
        DType value = draw.chance(70) ? draw.type(Draw.NUMBERS) : ShapeDifferentialTest.anyType(draw);
        DType type = draw.chance(70) ? draw.pick(DType.INT64, DType.INT32, DType.FLOAT32) : draw.type(Draw.NUMBERS);
        Tensor d = Tensors.convert(Tensor.scalar((long) depth), draw.pick(DType.INT64, DType.INT32, DType.FLOAT32));
        return Generators.operands(
                        draw,
                        OperatorModel.of("OneHot"),
                        draw.whole(type, -depth - 1, depth, dims),
                        draw.chance(50) ? d : d.reshape(1),
                        draw.tame(value, 2))
                .attribute("axis", draw.chance(70) ? Long.valueOf(draw.between(-dims.length - 1, dims.length)) : null);
    }

    private static OperatorModel range(Draw draw) {
        DType type = draw.type(Generators.types("Range", 0));
        boolean whole = draw.chance(50) || type.isInteger();
        Tensor start = whole ? draw.whole(type, -9, 9) : draw.real(type, -4, 4);
        Tensor limit = whole ? draw.whole(type, -30, 30) : draw.real(type, -20, 20);
        Tensor delta = whole ? draw.whole(type, 1, 4) : draw.real(type, 0.3, 2);
        if (draw.chance(30)) {
            delta.setDouble(0, -delta.getDouble(0));
        }
        return Generators.operands(draw, OperatorModel.of("Range"), start, limit, delta);
    }
}
