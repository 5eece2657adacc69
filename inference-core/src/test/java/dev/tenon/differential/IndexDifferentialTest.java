package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Selections by index, and what is made of indices. */
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
                draw -> Sketch.of("NonZero").input(draw.whole(draw.type(Draw.NUMBERS), 0, 1, draw.dims(1, 4))));
        all.put("OneHot", IndexDifferentialTest::oneHot);
        all.put("EyeLike", draw -> {
            DType to = draw.chance(50) ? draw.type(Draw.NUMBERS) : null;
            return Sketch.of("EyeLike")
                    .input(draw.tensor(draw.type(Draw.NUMBERS), draw.dims(2, 2)))
                    .attribute("k", draw.pick(null, 0L, 1L, -2L, 70L))
                    .attribute("dtype", to == null ? null : Long.valueOf(Tensors.number(to)));
        });
        all.put("ConstantOfShape", draw -> {
            Tensor shape = Tensor.of(draw.dims(0, 4));
            Tensor value = draw.chance(80) ? draw.tensor(draw.type(Draw.NUMBERS), 1) : null;
            Sketch sketch = Sketch.of("ConstantOfShape").attribute("value", value);
            return draw.chance(50) ? sketch.constant(shape) : sketch.input(shape);
        });
        all.put("Range", IndexDifferentialTest::range);
        return all;
    }

    private static Tensor indices(Draw draw, DType type, long size, long... dims) {
        return draw.whole(type, draw.chance(50) ? -size : 0, size - 1, dims);
    }

    private static DType index(Draw draw) {
        return draw.pick(DType.INT64, DType.INT64, DType.INT32);
    }

    private static Sketch gather(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        long size = dims[(int) Math.floorMod(axis, (long) dims.length)];
        Tensor indices = indices(draw, index(draw), size, draw.dims(0, 2));
        return Generators.operands(draw, Sketch.of("Gather"), ShapeDifferentialTest.any(draw, dims), indices)
                .attribute("axis", draw.chance(90) || axis != 0 ? axis : null);
    }

    private static Sketch gatherElements(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        int at = (int) Math.floorMod(axis, (long) dims.length);
        long[] own = new long[dims.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = i == at ? draw.between(1, 5) : draw.longBetween(1, dims[i]);
        }
        return Generators.operands(
                        draw,
                        Sketch.of("GatherElements"),
                        ShapeDifferentialTest.any(draw, dims),
                        indices(draw, index(draw), dims[at], own))
                .attribute("axis", axis);
    }

    /** Indices of places within the first dimensions of data, a tuple in each row of the last dimension. */
    private static Tensor tuples(Draw draw, long[] data, int from, int width, long[] dims) {
        Tensor t = Tensor.allocate(DType.INT64, dims);
        for (long i = 0; i < t.size(); i++) {
            long size = data[from + (int) (i % width)];
            t.setLong(i, draw.longBetween(draw.chance(30) ? -size : 0, size - 1));
        }
        return t;
    }

    private static Sketch gatherNd(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        int batch = draw.between(0, Math.min(2, dims.length - 1));
        int width = draw.between(1, dims.length - batch);
        long[] own = Arrays.copyOf(dims, batch + 2);
        own[batch] = draw.between(1, 4);
        own[batch + 1] = width;
        return Generators.operands(
                        draw,
                        Sketch.of("GatherND"),
                        ShapeDifferentialTest.any(draw, dims),
                        tuples(draw, dims, batch, width, own))
                .attribute("batch_dims", batch == 0 ? draw.pick(null, 0L) : Long.valueOf(batch));
    }

    /** Without a reduction no place is written to twice, since no one says which write is the last. */
    private static Sketch scatterElements(Draw draw) {
        return scatter(draw, "ScatterElements", draw.pick(null, "none", "add", "mul", "max", "min"));
    }

    static Sketch scatter(Draw draw, String name, String reduction) {
        boolean reduces = reduction != null && !reduction.equals("none");
        DType type = draw.type(reduces ? Draw.NUMBERS : Draw.PLAIN);
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        int at = (int) Math.floorMod(axis, (long) dims.length);
        long[] own = new long[dims.length];
        for (int i = 0; i < own.length; i++) {
            own[i] = draw.longBetween(1, dims[i]);
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
                        Sketch.of(name),
                        reduces ? draw.tame(type, dims) : draw.tensor(type, dims),
                        indices,
                        reduces ? draw.whole(type, -3, 3, own) : draw.tensor(type, own))
                .attribute("axis", axis)
                .attribute("reduction", reduction);
    }

    private static Sketch scatterNd(Draw draw) {
        String reduction = draw.pick(null, "none", "add", "mul", "max", "min");
        boolean reduces = reduction != null && !reduction.equals("none");
        DType type = draw.type(reduces ? Draw.NUMBERS : Draw.PLAIN);
        long[] dims = draw.fullDims(1, 4);
        int width = draw.between(1, dims.length);
        int rows = reduces ? draw.between(1, 5) : draw.between(1, (int) Math.min(4, dims[0]));
        Tensor indices = tuples(draw, dims, 0, width, new long[] {rows, width});
        int[] order = draw.permutation((int) dims[0]);
        for (int i = 0; i < rows && !reduces; i++) {
            indices.setLong((long) i * width, order[i]);
        }
        long[] own = new long[1 + dims.length - width];
        own[0] = rows;
        System.arraycopy(dims, width, own, 1, dims.length - width);
        return Generators.operands(
                        draw,
                        Sketch.of("ScatterND"),
                        reduces ? draw.tame(type, dims) : draw.tensor(type, dims),
                        indices,
                        reduces ? draw.whole(type, -3, 3, own) : draw.tensor(type, own))
                .attribute("reduction", reduction);
    }

    private static Sketch compress(Draw draw) {
        long[] dims = draw.fullDims(1, 4);
        Long axis = draw.chance(70) ? draw.axis(dims.length) : null;
        long size = 1;
        for (int i = 0; i < dims.length; i++) {
            size *= axis == null || i == Math.floorMod(axis, (long) dims.length) ? dims[i] : 1;
        }
        Tensor condition = draw.tame(DType.BOOL, draw.longBetween(1, size));
        return Generators.operands(draw, Sketch.of("Compress"), ShapeDifferentialTest.any(draw, dims), condition)
                .attribute("axis", axis);
    }

    private static Sketch oneHot(Draw draw) {
        long[] dims = draw.dims(1, 3);
        int depth = draw.between(1, 6);
        DType value = draw.type(Draw.NUMBERS);
        DType type = draw.pick(DType.INT64, DType.INT32, DType.FLOAT32);
        Tensor d = Tensors.convert(Tensor.scalar((long) depth), draw.pick(DType.INT64, DType.INT32, DType.FLOAT32));
        return Generators.operands(
                        draw,
                        Sketch.of("OneHot"),
                        draw.whole(type, -depth - 1, depth, dims),
                        draw.chance(50) ? d : d.reshape(1),
                        draw.tame(value, 2))
                .attribute("axis", draw.chance(70) ? Long.valueOf(draw.between(-dims.length - 1, dims.length)) : null);
    }

    private static Sketch range(Draw draw) {
        DType type = draw.type(Generators.types("Range", 0));
        boolean whole = draw.chance(50) || type.isInteger();
        Tensor start = whole ? draw.whole(type, -9, 9) : draw.real(type, -4, 4);
        Tensor limit = whole ? draw.whole(type, -30, 30) : draw.real(type, -20, 20);
        Tensor delta = whole ? draw.whole(type, 1, 4) : draw.real(type, 0.3, 2);
        if (draw.chance(30)) {
            delta.setDouble(0, -delta.getDouble(0));
        }
        return Generators.operands(draw, Sketch.of("Range"), start, limit, delta);
    }
}
