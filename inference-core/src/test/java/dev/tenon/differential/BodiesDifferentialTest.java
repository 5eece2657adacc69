package dev.tenon.differential;

import dev.tenon.fixtures.OnnxFile;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import net.jqwik.api.Tag;

/**
 * Control operators whose bodies capture outer values, carry values, collect results, and have control operators
 * themselves.
 */
@Tag("tiers")
class BodiesDifferentialTest extends Family {
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT64, DType.INT64};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("If" + Generators.COPY + "nested", BodiesDifferentialTest::nestedBranches);
        all.put("If" + Generators.COPY + "sequences", BodiesDifferentialTest::branchesOfSequences);
        all.put("Loop" + Generators.COPY + "several", BodiesDifferentialTest::severalValues);
        all.put("Loop" + Generators.COPY + "growing", BodiesDifferentialTest::growing);
        all.put("Loop" + Generators.COPY + "sequence", BodiesDifferentialTest::sequence);
        all.put("Loop" + Generators.COPY + "nested", BodiesDifferentialTest::nestedLoops);
        all.put("Scan" + Generators.COPY + "several", BodiesDifferentialTest::scan);
        all.put("Scan" + Generators.COPY + "batch", BodiesDifferentialTest::scanOfBatch);
        all.put("SequenceMap" + Generators.COPY + "several", BodiesDifferentialTest::map);
        return all;
    }

    private static String type(DType type, long... dims) {
        return type.text() + LongStream.of(dims).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
    }

    /** A condition of rank 0 or 1. */
    private static Tensor condition(Draw draw, boolean value) {
        Tensor t = Tensor.scalar(value);
        return draw.chance(80) ? t : t.reshape(1);
    }

    /** Two results of each branch. One branch has an If that captures values of the model. */
    private static OperatorModel nestedBranches(Draw draw) {
        OperatorModel model = OperatorModel.of("If");
        DType type = draw.pick(TYPES);
        String x = model.give(draw.whole(type, -9, 9, draw.dims(1, 3)), draw.chance(30));
        String y = model.give(draw.whole(type, 1, 9), false);
        String inner = model.give(Tensor.scalar(draw.chance(50)), draw.chance(30));
        model.input(condition(draw, draw.chance(50)));
        OnnxFile leaf = OnnxFile.graph("leaf")
                .node("Mul", List.of(x, "twice"), List.of("m"))
                .output("m");
        OnnxFile other = OnnxFile.graph("other")
                .node("Sub", List.of("twice", y), List.of("s"))
                .output("s");
        OnnxFile then = OnnxFile.graph("then")
                .node("Add", List.of(y, y), List.of("twice"))
                .node(
                        "If",
                        List.of(inner),
                        List.of("chosen"),
                        OnnxFile.attribute("then_branch", leaf),
                        OnnxFile.attribute("else_branch", other))
                .node("Shape", List.of(x), List.of("dims"))
                .output("chosen")
                .output("dims");
        OnnxFile otherwise = OnnxFile.graph("else")
                .node("Neg", List.of(x), List.of("n"))
                .node("Shape", List.of(y), List.of("none"))
                .output("n")
                .output("none");
        return model.attribute("then_branch", then)
                .attribute("else_branch", otherwise)
                .outputs(2);
    }

    private static OperatorModel branchesOfSequences(Draw draw) {
        OperatorModel model = OperatorModel.of("If");
        DType type = draw.pick(TYPES);
        String x = model.give(draw.tame(type, draw.fullDims(0, 2)), false);
        String y = model.give(draw.tame(type, draw.fullDims(0, 2)), false);
        model.input(condition(draw, draw.chance(50)));
        OnnxFile then = OnnxFile.graph("then")
                .node("SequenceConstruct", List.of(x, y), List.of("two"))
                .output("two");
        OnnxFile otherwise = OnnxFile.graph("else")
                .node("SequenceConstruct", List.of(y), List.of("one"))
                .output("one");
        return model.attribute("then_branch", then).attribute("else_branch", otherwise);
    }

    private static void start(Draw draw, OperatorModel model, Long rounds, Boolean go) {
        if (rounds == null) {
            model.none();
        } else {
            Tensor t = Tensor.scalar(rounds);
            Tensor own = draw.chance(80) ? t : t.reshape(1);
            if (draw.chance(40)) {
                model.constant(own);
            } else {
                model.input(own);
            }
        }
        if (go == null) {
            model.none();
        } else {
            model.input(Tensor.scalar(go));
        }
    }

    /**
     * Carried values of two types, one of which is that of the condition, three collected results, and one captured
     * value.
     */
    private static OperatorModel severalValues(Draw draw) {
        DType type = draw.pick(TYPES);
        Long rounds = draw.chance(75) ? draw.longBetween(-1, 5) : null;
        Boolean go = draw.chance(60) ? Boolean.valueOf(draw.chance(85)) : null;
        if (rounds == null && go == null) {
            go = true;
        }
        boolean runs = (rounds == null || rounds > 0) && (go == null || go);
        long[] dims = runs ? draw.fullDims(0, 2) : new long[] {draw.between(1, 3)};
        OperatorModel model = OperatorModel.of("Loop");
        String around = model.give(draw.whole(type, -3, 3, draw.partOf(dims)), draw.chance(40));
        start(draw, model, rounds, go);
        model.input(draw.whole(type, -9, 9, dims)).input(draw.whole(DType.INT64, 0, 3));
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("sum", type(type, dims))
                .input("count", "i64[]")
                .initializer("one", Tensor.scalar(1L))
                .initializer("most", Tensor.scalar((long) draw.between(2, 7)))
                .node("Add", List.of("sum", around), List.of("next"))
                .node("Add", List.of("count", "one"), List.of("more"))
                .node("Less", List.of("more", "most"), List.of("again"))
                .node("Identity", List.of("sum"), List.of("before"))
                .node("Mul", List.of("i", "i"), List.of("square"))
                .node("Identity", List.of("again"), List.of("flag"))
                .output("again", "bool[]")
                .output("next", type(type, dims))
                .output("more", "i64[]")
                .output("before", type(type, dims))
                .output("square", "i64[]")
                .output("flag", "bool[]");
        return model.attribute("body", body).outputs(5);
    }

    /** A carried value whose shape changes in each iteration. */
    private static OperatorModel growing(Draw draw) {
        DType type = draw.pick(TYPES);
        OperatorModel model = OperatorModel.of("Loop");
        long width = draw.between(1, 3);
        String row = model.give(draw.whole(type, -9, 9, 1, width), false);
        start(draw, model, draw.longBetween(0, 5), draw.chance(50) ? Boolean.TRUE : null);
        model.input(draw.whole(type, -9, 9, draw.between(0, 2), width));
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("rows", type.text() + "[?," + width + "]")
                .node("Identity", List.of("go"), List.of("again"))
                .node("Concat", List.of("rows", row), List.of("longer"), OnnxFile.number("axis", 0))
                .node("Size", List.of("rows"), List.of("size"))
                .output("again", "bool[]")
                .output("longer", type.text() + "[?," + width + "]")
                .output("size", "i64[]");
        return model.attribute("body", body).outputs(2);
    }

    /** A sequence that gets an element in each iteration, at its start or end. */
    private static OperatorModel sequence(Draw draw) {
        DType type = draw.pick(TYPES);
        OperatorModel model = OperatorModel.of("Loop");
        String first = model.give(draw.tame(type, draw.fullDims(0, 2)), false);
        String added = model.give(draw.tame(type, draw.fullDims(0, 2)), false);
        String place = model.give(Tensor.scalar(draw.pick(0L, -1L)), true);
        start(draw, model, draw.longBetween(0, 4), draw.chance(50) ? Boolean.TRUE : null);
        String kind = "seq(" + type.text() + "[*])";
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("s", kind)
                .node("Identity", List.of("go"), List.of("again"))
                .node(
                        "SequenceInsert",
                        draw.chance(50) ? List.of("s", added) : List.of("s", added, place),
                        List.of("t"))
                .output("again", "bool[]")
                .output("t", kind);
        return model.before("SequenceConstruct", List.of(first), List.of("start"), Map.of())
                .use("start")
                .attribute("body", body);
    }

    /** A loop with an If with a loop, all of which capture values. */
    private static OperatorModel nestedLoops(Draw draw) {
        DType type = draw.pick(DType.FLOAT32, DType.FLOAT64);
        long[] dims = draw.fullDims(0, 2);
        OperatorModel model = OperatorModel.of("Loop");
        String around = model.give(draw.whole(type, -2, 2, dims), draw.chance(40));
        String inner = model.give(Tensor.scalar(draw.longBetween(0, 3)), draw.chance(50));
        // Without an iteration, the dimensions of collected results are those that the file declares.
        start(draw, model, draw.longBetween(1, 4), null);
        model.input(draw.whole(type, -9, 9, dims));
        OnnxFile deepest = OnnxFile.graph("deepest")
                .input("j", "i64[]")
                .input("on", "bool[]")
                .input("w", type(type, dims))
                .node("Identity", List.of("on"), List.of("still"))
                .node("Add", List.of("w", "v"), List.of("w1"))
                .node("Sub", List.of("w1", around), List.of("w2"))
                .output("still", "bool[]")
                .output("w2", type(type, dims));
        OnnxFile then = OnnxFile.graph("then")
                .node("Loop", List.of(inner, "", "v"), List.of("r"), OnnxFile.attribute("body", deepest))
                .output("r", type(type, dims));
        OnnxFile otherwise =
                OnnxFile.graph("else").node("Neg", List.of("v"), List.of("n")).output("n", type(type, dims));
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("v", type(type, dims))
                .initializer("one", Tensor.scalar(1L))
                .node("Equal", List.of("i", "one"), List.of("second"))
                .node(
                        "If",
                        List.of("second"),
                        List.of("u"),
                        OnnxFile.attribute("then_branch", then),
                        OnnxFile.attribute("else_branch", otherwise))
                .node("Identity", List.of("go"), List.of("again"))
                .node("Identity", List.of("u"), List.of("each"))
                .output("again", "bool[]")
                .output("u", type(type, dims))
                .output("each", type(type, dims));
        return model.attribute("body", body).outputs(2);
    }

    /** The dimensions of slices, with the number of iterations as one more axis. */
    private static long[] with(long[] slice, int axis, long rounds) {
        long[] dims = new long[slice.length + 1];
        System.arraycopy(slice, 0, dims, 0, axis);
        dims[axis] = rounds;
        System.arraycopy(slice, axis, dims, axis + 1, slice.length - axis);
        return dims;
    }

    /** Inputs are cut along different axes from either end, and results are joined along other axes. */
    private static OperatorModel scan(Draw draw) {
        DType type = draw.pick(TYPES);
        long rounds = draw.between(1, 5);
        int scans = draw.between(1, 3);
        boolean carries = draw.chance(75);
        long[] slice = draw.fullDims(0, 2);
        for (int i = 0; i < slice.length; i++) {
            slice[i] = Math.min(4, slice[i]);
        }
        OperatorModel model = OperatorModel.of("Scan");
        String around = model.give(draw.whole(type, -2, 2, draw.partOf(slice)), draw.chance(40));
        OnnxFile body = OnnxFile.graph("body");
        String sum = around;
        if (carries) {
            model.input(draw.whole(type, -3, 3, slice));
            body.input("carried", type(type, slice));
            sum = "carried";
        }
        long[] axes = new long[scans];
        long[] directions = new long[scans];
        for (int i = 0; i < scans; i++) {
            int axis = draw.between(0, slice.length);
            axes[i] = draw.chance(40) ? axis - slice.length - 1 : axis;
            directions[i] = draw.between(0, 1);
            model.input(draw.whole(type, -3, 3, with(slice, axis, rounds)));
            body.input("x" + i + "_slice", type(type, slice));
            body.node("Add", List.of(sum, "x" + i + "_slice"), List.of("sum" + i));
            sum = "sum" + i;
        }
        int results = draw.between(1, 3);
        long[] places = new long[results];
        long[] ends = new long[results];
        body.node("Add", List.of(sum, around), List.of("next"));
        if (carries) {
            body.output("next", type(type, slice));
        }
        for (int i = 0; i < results; i++) {
            int axis = draw.between(0, slice.length);
            places[i] = draw.chance(40) ? axis - slice.length - 1 : axis;
            ends[i] = draw.between(0, 1);
            body.node(i == 0 ? "Identity" : "Neg", List.of(i == 1 ? sum : "next"), List.of("each" + i));
            body.output("each" + i, type(type, slice));
        }
        boolean plain = Arrays.stream(axes).allMatch(a -> a == 0) && draw.chance(50);
        return model.outputs(results + (carries ? 1 : 0))
                .attribute("body", body)
                .attribute("num_scan_inputs", (long) scans)
                .attribute("scan_input_axes", plain ? null : axes)
                .attribute("scan_input_directions", draw.chance(20) ? null : directions)
                .attribute("scan_output_axes", draw.chance(20) ? null : places)
                .attribute("scan_output_directions", draw.chance(20) ? null : ends);
    }

    /** Version 8, in which all values have a first axis for the batch. */
    private static OperatorModel scanOfBatch(Draw draw) {
        DType type = DType.FLOAT32;
        long batch = draw.between(1, 3);
        long rounds = draw.between(1, 4);
        long[] slice = draw.fullDims(0, 2);
        OnnxFile body = OnnxFile.graph("body")
                .input("sum", type(type, slice))
                .input("a", type(type, slice))
                .input("b", type(type, slice))
                .node("Add", List.of("sum", "a"), List.of("next"))
                .node("Mul", List.of("next", "b"), List.of("each"))
                .output("next", type(type, slice))
                .output("each", type(type, slice));
        long[] rows = with(with(slice, 0, rounds), 0, batch);
        return OperatorModel.of("Scan")
                .version(8)
                .none()
                .input(draw.whole(type, -3, 3, with(slice, 0, batch)))
                .input(draw.whole(type, -3, 3, rows))
                .input(draw.whole(type, -3, 3, rows))
                .outputs(2)
                .attribute("body", body)
                .attribute("num_scan_inputs", 2L)
                .attribute("directions", draw.pick(null, new long[] {0, 1}, new long[] {1, 0}, new long[] {1, 1}));
    }

    /** Two sequences element by element, with a tensor for each and two results. */
    private static OperatorModel map(Draw draw) {
        DType type = draw.pick(TYPES);
        int n = draw.between(1, 4);
        OperatorModel model = OperatorModel.of("SequenceMap");
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        long[] same = draw.fullDims(0, 2);
        for (int i = 0; i < n; i++) {
            first.add(model.give(draw.whole(type, -9, 9, same), draw.chance(20)));
            second.add(model.give(draw.whole(type, -9, 9, draw.partOf(same)), false));
        }
        String added = model.give(draw.whole(type, -9, 9), false);
        OnnxFile body = OnnxFile.graph("body")
                .input("a", type(type, same))
                .input("b", type.text() + "[*]")
                .input("c", type.text() + "[]")
                .node("Add", List.of("a", "b"), List.of("sum"))
                .node("Mul", List.of("sum", "c"), List.of("product"))
                .node("Shape", List.of("b"), List.of("dims"))
                .output("product", type(type, same))
                .output("dims", "i64[*]");
        return model.before("SequenceConstruct", first, List.of("s"), Map.of())
                .before("SequenceConstruct", second, List.of("t"), Map.of())
                .use("s")
                .use("t")
                .use(added)
                .attribute("body", body)
                .outputs(2);
    }
}
