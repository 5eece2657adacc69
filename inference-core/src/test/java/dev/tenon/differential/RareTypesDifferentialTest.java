package dev.tenon.differential;

import dev.tenon.fixtures.OnnxFile;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Tag;

/**
 * Operators that move elements of types that the peer hardly supports: complex numbers, and numbers of eight bits and
 * fewer. The models are those of the other families. The moved elements have such a type.
 */
@Tag("tiers")
@Tag("costly")
class RareTypesDifferentialTest extends Family {
    private static final Set<DType> COMPLEX = EnumSet.of(DType.COMPLEX64, DType.COMPLEX128);
    private static final Set<DType> NARROW = EnumSet.of(
            DType.FLOAT8E4M3FN,
            DType.FLOAT8E4M3FNUZ,
            DType.FLOAT8E5M2,
            DType.FLOAT8E5M2FNUZ,
            DType.FLOAT8E8M0,
            DType.FLOAT4E2M1,
            DType.INT4,
            DType.UINT4,
            DType.INT2,
            DType.UINT2);

    /** Types that only the moved operands have in the models. */
    private static final Set<DType> MOVED = EnumSet.of(
            DType.FLOAT16, DType.BFLOAT16, DType.FLOAT64, DType.INT8, DType.INT16, DType.UINT16, DType.UINT32);

    private static final List<String> OF_ALL_TYPES = List.of(
            "Identity",
            "Shape",
            "Size",
            "Reshape",
            "Flatten",
            "Squeeze",
            "Unsqueeze",
            "Transpose",
            "Concat",
            "Split",
            "Slice",
            "Pad",
            "Tile",
            "Expand",
            "DepthToSpace",
            "SpaceToDepth",
            "ReverseSequence",
            "Trilu",
            "Gather",
            "GatherElements",
            "GatherND",
            "ScatterElements",
            "ScatterND",
            "Compress",
            "NonZero",
            "TensorScatter");
    private static final List<String> OF_COMPLEX_TYPES = List.of(
            "CenterCropPad",
            "Where",
            "Scatter",
            "Optional",
            "OptionalGetElement",
            "OptionalHasElement",
            "SequenceAt",
            "SequenceLength",
            "ConcatFromSequence");

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (Family family : List.of(
                new ShapeDifferentialTest(),
                new IndexDifferentialTest(),
                new BinaryDifferentialTest(),
                new NewestDifferentialTest(),
                new RetiredDifferentialTest(),
                new ControlDifferentialTest())) {
            family.generators().forEach((name, generator) -> {
                if (OF_ALL_TYPES.contains(name)) {
                    all.put(name + Generators.COPY + "narrow", draw -> retyped(draw, generator, NARROW));
                }
                if (OF_ALL_TYPES.contains(name) || OF_COMPLEX_TYPES.contains(name)) {
                    all.put(name + Generators.COPY + "complex", draw -> retyped(draw, generator, COMPLEX));
                }
            });
        }
        all.put("OneHot" + Generators.COPY + "narrow", draw -> oneHot(draw, NARROW));
        all.put("OneHot" + Generators.COPY + "complex", draw -> oneHot(draw, COMPLEX));
        all.put("BitCast" + Generators.COPY + "complex", RareTypesDifferentialTest::bits);
        all.put(
                "ConstantOfShape" + Generators.COPY + "rare",
                draw -> OperatorModel.of("ConstantOfShape")
                        .version(25)
                        .input(draw.whole(DType.INT64, 0, 4, draw.between(0, 3)))
                        .attribute("value", draw.tensor(draw.chance(50) ? draw.type(COMPLEX) : draw.type(NARROW), 1)));
        all.put("SplitToSequence" + Generators.COPY + "complex", RareTypesDifferentialTest::split);
        all.put("SequenceInsert" + Generators.COPY + "complex", RareTypesDifferentialTest::insert);
        all.put("If" + Generators.COPY + "complex", RareTypesDifferentialTest::branches);
        all.put("Loop" + Generators.COPY + "complex", RareTypesDifferentialTest::loop);
        all.put("Scan" + Generators.COPY + "complex", RareTypesDifferentialTest::scan);
        return all;
    }

    /** A model of a generator whose moved elements get a rare type. */
    private static OperatorModel retyped(Draw draw, Generator generator, Set<DType> types) {
        DType rare = draw.type(types);
        for (int i = 0; i < 1000; i++) {
            OperatorModel model = generator.model(draw);
            Object reduction = model.attribute("reduction");
            DType moved = moved(model);
            if (MOVED.contains(moved) && (reduction == null || reduction.equals("none"))) {
                OperatorModel s = model.retyped(moved, t -> elements(draw, rare, t.dims()));
                return s.version() < 25 && s.version() > 22 ? s.version(25) : s;
            }
        }
        throw new AssertionError("no model of another type");
    }

    private static DType moved(OperatorModel model) {
        int data = model.operator().equals("Where") ? 1 : 0;
        Tensor first = model.operand(data) == null ? model.given().getFirst().value() : model.operand(data);
        return first.dtype();
    }

    /** Elements with zeros among them, for operators that look for other elements. */
    private static Tensor elements(Draw draw, DType type, long... dims) {
        return draw.chance(50) ? draw.whole(type, 0, 1, dims) : draw.tensor(type, dims);
    }

    private static OperatorModel oneHot(Draw draw, Set<DType> types) {
        long depth = draw.between(1, 6);
        return OperatorModel.of("OneHot")
                .version(25)
                .input(draw.whole(DType.INT64, -depth - 1, depth, draw.dims(1, 3)))
                .input(Tensor.scalar(depth))
                .input(draw.tame(draw.type(types), 2))
                .attribute("axis", draw.pick(null, 0L, -1L));
    }

    private static OperatorModel bits(Draw draw) {
        DType[][] widths = {
            {DType.COMPLEX64, DType.INT64, DType.UINT64, DType.FLOAT64},
            {DType.BOOL, DType.INT8, DType.FLOAT8E4M3FNUZ, DType.FLOAT8E5M2FNUZ, DType.FLOAT8E8M0, DType.UINT8},
            {DType.INT4, DType.UINT4, DType.FLOAT4E2M1},
            {DType.INT2, DType.UINT2}
        };
        DType[] same = draw.pick(widths);
        DType from = draw.pick(same);
        DType to = draw.pick(same);
        return OperatorModel.of("BitCast")
                .version(28)
                // A boolean has only one bit pattern for each value.
                .input(to == DType.BOOL ? draw.whole(from, 0, 1, draw.dims(0, 4)) : draw.tensor(from, draw.dims(0, 4)))
                .attribute("to", (long) Tensors.number(to));
    }

    private static OperatorModel split(Draw draw) {
        long[] dims = draw.fullDims(1, 3);
        long axis = draw.axis(dims.length);
        long size = dims[(int) Math.floorMod(axis, (long) dims.length)];
        OperatorModel model = OperatorModel.of("SplitToSequence").input(draw.tame(draw.type(COMPLEX), dims));
        String place = model.give(Tensor.scalar(draw.pick(0L, -1L)), true);
        if (draw.chance(60)) {
            model.input(Tensor.scalar(draw.longBetween(1, size)));
        }
        return model.attribute("axis", axis)
                .after("SequenceAt", List.of("y0", place), List.of("z"), Map.of())
                .results(List.of("y0"), List.of("z"));
    }

    private static OperatorModel insert(Draw draw) {
        DType type = draw.type(COMPLEX);
        OperatorModel model = OperatorModel.of("SequenceInsert");
        List<String> names = new ArrayList<>();
        int n = draw.between(1, 3);
        for (int i = 0; i < n; i++) {
            names.add(model.give(draw.tame(type, draw.fullDims(0, 2)), false));
        }
        String last = model.give(Tensor.scalar((long) draw.between(-n - 1, n)), true);
        return model.before("SequenceConstruct", names, List.of("s"), Map.of())
                .use("s")
                .input(draw.tame(type, draw.fullDims(0, 3)))
                .input(Tensor.scalar((long) draw.between(-n, n)))
                .after("SequenceAt", List.of("y0", last), List.of("z"), Map.of())
                .results(List.of("y0"), List.of("z"));
    }

    private static OperatorModel branches(Draw draw) {
        OperatorModel model = OperatorModel.of("If");
        String x = model.give(draw.tame(draw.type(COMPLEX), draw.fullDims(2, 3)), false);
        OnnxFile then = OnnxFile.graph("then")
                .node("Transpose", List.of(x), List.of("t"))
                .output("t");
        OnnxFile otherwise =
                OnnxFile.graph("else").node("Flatten", List.of(x), List.of("f")).output("f");
        return model.input(Tensor.scalar(draw.chance(50)))
                .attribute("then_branch", then)
                .attribute("else_branch", otherwise);
    }

    /** Transposes a square in each iteration, and collects the results. */
    private static OperatorModel loop(Draw draw) {
        long n = draw.between(1, 4);
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("square", "c64[" + n + "," + n + "]")
                .node("Identity", List.of("go"), List.of("again"))
                .node("Transpose", List.of("square"), List.of("turned"))
                .node("Identity", List.of("turned"), List.of("each"))
                .output("again", "bool[]")
                .output("turned", "c64[" + n + "," + n + "]")
                .output("each", "c64[" + n + "," + n + "]");
        return OperatorModel.of("Loop")
                .input(Tensor.scalar(draw.longBetween(1, 4)))
                .input(Tensor.scalar(true))
                .input(draw.tame(DType.COMPLEX64, n, n))
                .attribute("body", body)
                .outputs(2);
    }

    private static OperatorModel scan(Draw draw) {
        long n = draw.between(1, 4);
        OnnxFile body = OnnxFile.graph("body")
                .input("last", "c128[" + n + "]")
                .input("row", "c128[" + n + "]")
                .node("Identity", List.of("row"), List.of("next"))
                .node("Concat", List.of("last", "row"), List.of("both"), OnnxFile.number("axis", 0))
                .output("next", "c128[" + n + "]")
                .output("both", "c128[" + 2 * n + "]");
        return OperatorModel.of("Scan")
                .input(draw.tame(DType.COMPLEX128, n))
                .input(draw.tame(DType.COMPLEX128, draw.between(1, 5), n))
                .attribute("body", body)
                .attribute("num_scan_inputs", 1L)
                .outputs(2);
    }
}
