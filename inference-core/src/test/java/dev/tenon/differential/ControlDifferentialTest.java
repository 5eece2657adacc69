package dev.tenon.differential;

import dev.tenon.fixtures.OnnxFile;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Control operators, and operators on sequences and optionals. They have no kernels: the other families compare those on each
 * tier.
 */
class ControlDifferentialTest extends Family {
    /** The element types of sequences that the peer's Java interface reads. */
    private static final Set<DType> SEQUENCES = EnumSet.of(DType.FLOAT32, DType.FLOAT64, DType.INT64);

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("If", ControlDifferentialTest::branches);
        all.put("Loop", ControlDifferentialTest::loop);
        all.put("Scan", ControlDifferentialTest::scan);
        all.put("SequenceMap", ControlDifferentialTest::map);
        all.put("SequenceConstruct", draw -> {
            OperatorModel model = OperatorModel.of("SequenceConstruct");
            elements(draw, model, 1).forEach(model::use);
            return model;
        });
        all.put("SequenceEmpty", draw -> {
            DType type = draw.type(SEQUENCES);
            OperatorModel model = OperatorModel.of("SequenceEmpty").attribute("dtype", (long) Tensors.number(type));
            String x = model.give(draw.tensor(type, draw.fullDims(0, 3)), false);
            return model.after("SequenceInsert", List.of("y0", x), List.of("z"), Map.of())
                    .results(List.of("y0"), List.of("z"));
        });
        all.put("SequenceAt", draw -> {
            OperatorModel model = OperatorModel.of("SequenceAt");
            int n = sequence(draw, model, 1);
            return model.use("s").input(Tensor.scalar(draw.longBetween(-n, n - 1)));
        });
        all.put("SequenceInsert", draw -> {
            OperatorModel model = OperatorModel.of("SequenceInsert");
            int n = sequence(draw, model, 1);
            DType type = model.given().getFirst().value().dtype();
            model.use("s").input(draw.tensor(type, draw.fullDims(0, 3)));
            return draw.chance(70) ? model.input(Tensor.scalar(draw.longBetween(-n, n))) : model;
        });
        all.put("SequenceErase", draw -> {
            OperatorModel model = OperatorModel.of("SequenceErase");
            int n = sequence(draw, model, 2);
            model.use("s");
            return draw.chance(70) ? model.input(Tensor.scalar(draw.longBetween(-n, n - 1))) : model;
        });
        all.put("SequenceLength", draw -> {
            OperatorModel model = OperatorModel.of("SequenceLength");
            sequence(draw, model, 1);
            return model.use("s");
        });
        all.put("ConcatFromSequence", ControlDifferentialTest::concat);
        all.put("SplitToSequence", ControlDifferentialTest::split);
        optionals(all);
        return all;
    }

    private static void optionals(Map<String, Generator> all) {
        all.put("Optional", draw -> {
            Tensor x = draw.tensor(draw.type(Draw.NUMBERS), draw.fullDims(0, 3));
            return OperatorModel.of("Optional")
                    .input(x)
                    .after("OptionalGetElement", List.of("y0"), List.of("z"), Map.of())
                    .results(List.of("y0"), List.of("z"));
        });
        for (String name : new String[] {"OptionalGetElement", "OptionalHasElement"}) {
            all.put(name, draw -> {
                OperatorModel model = OperatorModel.of(name);
                String x = model.give(draw.tensor(draw.type(Draw.NUMBERS), draw.fullDims(0, 3)), false);
                return model.before("Optional", List.of(x), List.of("o"), Map.of())
                        .use("o");
            });
        }
    }

    /** Adds tensors of one type with any shapes, and returns their names. */
    private static List<String> elements(Draw draw, OperatorModel model, int least) {
        DType type = draw.type(SEQUENCES);
        List<String> names = new ArrayList<>();
        int n = draw.between(least, 4);
        for (int i = 0; i < n; i++) {
            names.add(model.give(draw.tensor(type, draw.fullDims(0, 3)), draw.chance(20)));
        }
        return names;
    }

    /** Adds a sequence s before the tested node, and returns its length. */
    private static int sequence(Draw draw, OperatorModel model, int least) {
        List<String> names = elements(draw, model, least);
        model.before("SequenceConstruct", names, List.of("s"), Map.of());
        return names.size();
    }

    /** One branch keeps the shape, the other one reduces the operand to a number. */
    private static OperatorModel branches(Draw draw) {
        OperatorModel model = OperatorModel.of("If");
        String x = model.give(draw.whole(draw.type(SEQUENCES), -9, 9, draw.dims(1, 3)), false);
        model.input(Tensor.scalar(draw.chance(50)));
        OnnxFile twice = OnnxFile.graph("then")
                .node("Add", List.of(x, x), List.of("sum"))
                .output("sum");
        String reduced = draw.pick("ReduceSum", "Neg", "Flatten");
        OnnxFile other = OnnxFile.graph("else")
                .node(reduced, List.of(x), List.of("less"))
                .output("less");
        return model.attribute("then_branch", twice).attribute("else_branch", other);
    }

    /** Doubles a state up to a count or a bound, and collects the states. */
    private static OperatorModel loop(Draw draw) {
        long most = draw.longBetween(0, 6);
        boolean start = draw.chance(90);
        // Without an iteration, the other dimensions of collected results are those that the file declares.
        long[] dims = most > 0 && start ? draw.fullDims(0, 2) : new long[0];
        String type = "f32" + dims(dims);
        OnnxFile body = OnnxFile.graph("body")
                .input("i", "i64[]")
                .input("go", "bool[]")
                .input("state", type)
                .initializer("bound", Tensor.scalar(40f))
                .node("Add", List.of("state", "state"), List.of("next"))
                .node("Identity", List.of("next"), List.of("each"))
                .node("Abs", List.of("next"), List.of("size"))
                .node("ReduceMax", List.of("size"), List.of("most"), OnnxFile.number("keepdims", 0))
                .node("Less", List.of("most", "bound"), List.of("more"))
                .output("more", "bool[]")
                .output("next", type)
                .output("each", type);
        OperatorModel model = OperatorModel.of("Loop");
        boolean counted = draw.chance(70);
        Tensor rounds = Tensor.scalar(most);
        if (counted) {
            Generators.operands(draw, model, rounds);
        } else {
            model.none();
        }
        if (counted && draw.chance(40)) {
            model.none();
        } else {
            model.input(Tensor.scalar(start));
        }
        return model.input(draw.whole(DType.FLOAT32, 1, 9, dims)).outputs(2).attribute("body", body);
    }

    private static String dims(long[] dims) {
        List<String> all = new ArrayList<>();
        for (long n : dims) {
            all.add(Long.toString(n));
        }
        return "[" + String.join(",", all) + "]";
    }

    /** Running sums along an axis, from either end, with results from either end. */
    private static OperatorModel scan(Draw draw) {
        long[] slice = draw.fullDims(0, 2);
        String type = "f32" + dims(slice);
        OnnxFile body = OnnxFile.graph("body")
                .input("sum", type)
                .input("x", type)
                .node("Add", List.of("sum", "x"), List.of("next"))
                .node("Mul", List.of("next", "x"), List.of("each"))
                .output("next", type)
                .output("each", type);
        int axis = draw.between(0, slice.length);
        long[] whole = new long[slice.length + 1];
        for (int i = 0; i < whole.length; i++) {
            whole[i] = i == axis ? draw.between(1, 5) : slice[i < axis ? i : i - 1];
        }
        return OperatorModel.of("Scan")
                .input(draw.whole(DType.FLOAT32, -3, 3, slice))
                .input(draw.whole(DType.FLOAT32, -3, 3, whole))
                .outputs(2)
                .attribute("body", body)
                .attribute("num_scan_inputs", 1L)
                .attribute("scan_input_axes", new long[] {draw.chance(50) ? axis : axis - whole.length})
                .attribute("scan_input_directions", draw.pick(null, new long[] {0}, new long[] {1}))
                .attribute("scan_output_axes", draw.pick(null, new long[] {slice.length}))
                .attribute("scan_output_directions", draw.pick(null, new long[] {1}));
    }

    private static OperatorModel map(Draw draw) {
        OperatorModel model = OperatorModel.of("SequenceMap");
        List<String> names = new ArrayList<>();
        int n = draw.between(1, 4);
        for (int i = 0; i < n; i++) {
            names.add(model.give(draw.tame(DType.FLOAT32, draw.size(), 3), false));
        }
        String add = model.give(draw.tame(DType.FLOAT32, 3), false);
        OnnxFile body = OnnxFile.graph("body")
                .input("e", "f32[?,3]")
                .input("a", "f32[3]")
                .node("Add", List.of("e", "a"), List.of("r"))
                .output("r", "f32[?,3]");
        return model.before("SequenceConstruct", names, List.of("s"), Map.of())
                .use("s")
                .use(add)
                .attribute("body", body);
    }

    private static OperatorModel concat(Draw draw) {
        OperatorModel model = OperatorModel.of("ConcatFromSequence");
        DType type = draw.type(Draw.NUMBERS);
        long[] dims = draw.fullDims(1, 3);
        boolean stack = draw.chance(50);
        int rank = stack ? dims.length + 1 : dims.length;
        long axis = draw.axis(rank);
        List<String> names = new ArrayList<>();
        int n = draw.between(1, 4);
        for (int i = 0; i < n; i++) {
            long[] own = dims.clone();
            if (!stack) {
                own[(int) Math.floorMod(axis, (long) rank)] = draw.between(1, 4);
            }
            names.add(model.give(draw.tensor(type, own), false));
        }
        return model.before("SequenceConstruct", names, List.of("s"), Map.of())
                .use("s")
                .attribute("axis", axis)
                .attribute("new_axis", stack ? Long.valueOf(1) : draw.pick(null, 0L));
    }

    private static OperatorModel split(Draw draw) {
        DType type = draw.type(SEQUENCES);
        long[] dims = draw.fullDims(1, 3);
        long axis = draw.axis(dims.length);
        long size = dims[(int) Math.floorMod(axis, (long) dims.length)];
        Tensor split = null;
        switch (draw.between(0, 2)) {
            case 0 -> split = Tensor.scalar(draw.longBetween(1, size));
            case 1 -> {
                long first = draw.longBetween(0, size);
                split = Tensor.of(new long[] {first, size - first});
            }
            default -> {}
        }
        OperatorModel model = OperatorModel.of("SplitToSequence").input(draw.tensor(type, dims));
        if (split != null) {
            model.input(split);
        }
        return model.attribute("axis", axis).attribute("keepdims", split == null ? draw.pick(null, 0L, 1L) : null);
    }
}
