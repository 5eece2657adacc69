package dev.tenon.benchmarks.growth;

import static dev.tenon.benchmarks.growth.ModelText.LOCAL;
import static dev.tenon.benchmarks.growth.ModelText.attribute;
import static dev.tenon.benchmarks.growth.ModelText.body;
import static dev.tenon.benchmarks.growth.ModelText.number;
import static dev.tenon.benchmarks.growth.ModelText.real;
import static dev.tenon.benchmarks.growth.ModelText.tensor;

import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** A form of model that has as many of something as one wants. */
enum Family {
    /** Nodes one after another, each with a weight of its own. */
    NODES(n -> {
        ModelText m = new ModelText().input("v0", "b", 4);
        for (int i = 0; i < n; i++) {
            m.initializer("w" + i, Tensor.of(new float[] {i, 1, 2, 3}));
            m.node(i % 3 == 0 ? "Sin" : "Add", operands("v" + i, i % 3 == 0 ? null : "w" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Nodes that all use one value, and whose results are all outputs. */
    OUTPUTS(n -> {
        ModelText m = new ModelText().input("x", "b", 4);
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i))
                    .output("y" + i);
        }
        return m;
    }),
    /** Products whose results have many users. */
    USERS(n -> {
        ModelText m = new ModelText().input("x", "b", 4).initializer("w", Tensor.of(new float[16], 4, 4));
        m.node("MatMul", List.of("x", "w"), List.of("p")).node("Relu", List.of("p"), List.of("r"));
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("r"), List.of("y" + i), real("alpha", i));
        }
        return m.node("Sum", names("y", n), List.of("y")).output("y");
    }),
    /** Inputs that each have two symbols of their own. */
    SYMBOLS(n -> {
        ModelText m = new ModelText();
        for (int i = 0; i < n; i++) {
            m.input("x" + i, "s" + i, "t" + i).node("Sin", List.of("x" + i), List.of("y" + i));
        }
        return m.node("Identity", List.of("y" + (n - 1)), List.of("y")).output("y");
    }),
    /** Inputs and outputs, in pairs. */
    INPUTS(n -> {
        ModelText m = new ModelText();
        for (int i = 0; i < n; i++) {
            m.input("x" + i, 16)
                    .node("Relu", List.of("x" + i), List.of("y" + i))
                    .output("y" + i);
        }
        return m;
    }),
    /** Operands of one Concat, each computed. */
    CONCAT(n -> {
        ModelText m = new ModelText().input("x", 16);
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i));
        }
        return m.node("Concat", names("y", n), List.of("y"), number("axis", 0)).output("y");
    }),
    /** Inputs of symbolic lengths that one Concat joins. */
    LENGTHS(n -> {
        ModelText m = new ModelText();
        for (int i = 0; i < n; i++) {
            m.input("x" + i, "s" + i);
        }
        return m.node("Concat", names("x", n), List.of("y"), number("axis", 0)).output("y");
    }),
    /** Concats of Concats. */
    NESTED_CONCATS(n -> {
        ModelText m = new ModelText().input("x", 16).node("Relu", List.of("x"), List.of("v0"));
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("e" + i), real("alpha", i));
            m.node("Concat", List.of("v" + i, "e" + i), List.of("w" + i), number("axis", 0));
            m.node("ReduceMean", List.of("w" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Operands of one Max. */
    OPERANDS(n -> {
        ModelText m = new ModelText().input("x", 16);
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i));
        }
        return m.node("Max", names("y", n), List.of("y")).output("y");
    }),
    /** Outputs of one Split. */
    SPLIT(n -> {
        ModelText m = new ModelText().input("x", 16 * n).node("Split", List.of("x"), names("p", n), number("axis", 0));
        names("p", n).forEach(m::output);
        return m;
    }),
    /** Outputs of one Split, joined again. */
    SPLIT_AND_JOIN(n -> new ModelText()
            .input("x", 16 * n)
            .node("Split", List.of("x"), names("p", n), number("axis", 0))
            .node("Concat", names("p", n), List.of("y"), number("axis", 0))
            .output("y")),
    /** Functions, each called once. */
    FUNCTIONS(n -> {
        ModelText m = new ModelText().input("v0", "b", 4);
        for (int i = 0; i < n; i++) {
            ModelText f =
                    new ModelText().node("Sin", List.of("a"), List.of("t")).node("Cos", List.of("t"), List.of("r"));
            m.function("f" + i, f, List.of("a"), List.of("r"));
            m.node(LOCAL, "f" + i, List.of("v" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Calls of one function. */
    CALLS(n -> {
        ModelText f = new ModelText().node("Sin", List.of("a"), List.of("t")).node("Cos", List.of("t"), List.of("r"));
        ModelText m = new ModelText().input("v0", "b", 4).function("f", f, List.of("a"), List.of("r"));
        for (int i = 0; i < n; i++) {
            m.node(LOCAL, "f", List.of("v" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Attributes of one node. */
    ATTRIBUTES(n -> {
        AttributeProto[] all = new AttributeProto[n];
        for (int i = 0; i < n; i++) {
            all[i] = number("extra" + i, i);
        }
        return new ModelText()
                .input("x", "b")
                .node("Sin", List.of("x"), List.of("y"), all)
                .output("y");
    }),
    /** Elements of one attribute. */
    ELEMENTS(n -> new ModelText()
            .node(
                    "Constant",
                    List.of(),
                    List.of("c"),
                    attribute("value_ints", new AttributeValue.IntsValue(Scalars.ofLongs(new long[n]))))
            .node("Identity", List.of("c"), List.of("y"))
            .output("y")),
    /** Constants that are nodes. */
    CONSTANTS(n -> {
        ModelText m = new ModelText().input("v0", "b", 4);
        for (int i = 0; i < n; i++) {
            m.node("Constant", List.of(), List.of("c" + i), tensor("value", Tensor.of(new float[] {i, i, 1, 2})));
            m.node("Mul", List.of("v" + i, "c" + i), List.of("u" + i));
            m.node("Tanh", List.of("u" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Constants that are folded. */
    FOLDED(n -> {
        ModelText m = new ModelText().input("x", "b", 4).initializer("c0", Tensor.of(new float[] {1, 2, 3, 4}));
        for (int i = 0; i < n; i++) {
            m.node("Sin", List.of("c" + i), List.of("c" + (i + 1)));
        }
        return m.node("Add", List.of("x", "c" + n), List.of("y")).output("y");
    }),
    /** Shapes that are computed and used. */
    SHAPES(n -> {
        ModelText m = new ModelText().input("v0", "b", "s").initializer("one", Tensor.of(new long[] {1}));
        m.initializer("zero", Tensor.of(new long[] {0})).initializer("less", Tensor.of(new long[] {-1}));
        for (int i = 0; i < n; i++) {
            m.node("Shape", List.of("v" + i), List.of("s" + i));
            m.node("Gather", List.of("s" + i, "zero"), List.of("g" + i), number("axis", 0));
            m.node("Concat", List.of("g" + i, "less"), List.of("t" + i), number("axis", 0));
            m.node("Reshape", List.of("v" + i, "t" + i), List.of("r" + i));
            m.node("Sin", List.of("r" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Branches that the operands of a call decide. */
    BRANCHES(n -> {
        ModelText m = new ModelText().flag("c").input("v0", 4);
        for (int i = 0; i < n; i++) {
            ModelText then =
                    new ModelText().node("Sin", List.of("v" + i), List.of("t")).output("t");
            ModelText otherwise =
                    new ModelText().node("Cos", List.of("v" + i), List.of("e")).output("e");
            m.node(
                    "If",
                    List.of("c"),
                    List.of("v" + (i + 1)),
                    body("then_branch", then),
                    body("else_branch", otherwise));
        }
        return m.output("v" + n);
    }),
    /** Values from around it that a body uses. */
    CAPTURED(n -> {
        ModelText m = new ModelText().flag("c").input("x", 4);
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i));
        }
        ModelText then =
                new ModelText().node("Sum", names("y", n), List.of("t")).output("t");
        ModelText otherwise =
                new ModelText().node("Max", names("y", n), List.of("e")).output("e");
        return m.node("If", List.of("c"), List.of("y"), body("then_branch", then), body("else_branch", otherwise))
                .output("y");
    }),
    /** Nodes whose shapes only a call knows. */
    DYNAMIC(n -> {
        ModelText m = new ModelText().input("x", 4);
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("l" + i), real("alpha", i + 1));
            m.node("NonZero", List.of("l" + i), List.of("y" + i)).output("y" + i);
        }
        return m;
    }),
    /** Elements of a sequence. */
    SEQUENCE(n -> {
        ModelText m = new ModelText().input("x", 4);
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i));
        }
        return m.node("SequenceConstruct", names("y", n), List.of("s"))
                .node("ConcatFromSequence", List.of("s"), List.of("y"), number("axis", 0))
                .output("y");
    }),
    /** Quantised operators, which rules rewrite. */
    QUANTIZED(n -> {
        ModelText m = new ModelText().input("v0", "b", 4).initializer("s", Tensor.scalar(0.1f));
        m.initializer("z", Tensor.allocate(DType.INT8));
        for (int i = 0; i < n; i++) {
            m.node("QuantizeLinear", List.of("v" + i, "s", "z"), List.of("q" + i));
            m.node("DequantizeLinear", List.of("q" + i, "s", "z"), List.of("d" + i));
            m.node("Relu", List.of("d" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Values whose names are as those that are made up. */
    NAMES(n -> {
        ModelText m = new ModelText().input("x", 4);
        for (int i = 0; i < n; i++) {
            m.initializer("const_" + i, Tensor.of(new float[] {i, 1, 2, 3}));
            m.node("Mul", List.of("x", "const_" + i), List.of("Identity_" + i)).output("o" + i);
            m.node("Cast", List.of("Identity_" + i), List.of("o" + i), number("to", 11));
        }
        return m;
    }),
    /** Imports of operator sets. */
    IMPORTS(n -> {
        ModelText m = new ModelText()
                .input("x", 4)
                .node("Sin", List.of("x"), List.of("y"))
                .output("y");
        for (int i = 0; i < n; i++) {
            m.imports("domain" + i);
        }
        return m;
    }),
    /** Nodes in the reverse of the order in which they run. */
    REVERSED(n -> {
        ModelText m = new ModelText().input("v0", "b", 4);
        for (int i = n - 1; i >= 0; i--) {
            m.node("Sin", List.of("v" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Weights that a call may replace. */
    OPTIONAL_INPUTS(n -> {
        ModelText m = new ModelText().input("v0", "b", 4);
        for (int i = 0; i < n; i++) {
            m.initializer("w" + i, Tensor.of(new float[] {i, 1, 2, 3})).input("w" + i, 4);
            m.node("Add", List.of("v" + i, "w" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Values that one Loop carries. */
    CARRIED(n -> {
        ModelText m = new ModelText().input("x", 4).initializer("m", Tensor.scalar(2L));
        ModelText loop = new ModelText().count("i").flag("go");
        loop.node("Identity", List.of("go"), List.of("on")).output("on");
        List<String> carried = new ArrayList<>(List.of("m", ""));
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i));
            carried.add("y" + i);
            loop.input("c" + i, 4)
                    .node("Neg", List.of("c" + i), List.of("d" + i))
                    .output("d" + i);
        }
        return m.node("Loop", carried, names("z", n), body("body", loop)).output("z0");
    }),
    /** Loops, each with a body of its own. */
    LOOPS(n -> {
        ModelText m = new ModelText().input("v0", 4).initializer("m", Tensor.scalar(1L));
        for (int i = 0; i < n; i++) {
            ModelText loop = loop().node("LeakyRelu", List.of("c"), List.of("d"), real("alpha", i))
                    .output("d");
            m.node("Loop", List.of("m", "", "v" + i), List.of("v" + (i + 1)), body("body", loop));
        }
        return m.output("v" + n);
    }),
    /** Loops, each with a Loop in its body. */
    LOOPS_IN_LOOPS(n -> {
        ModelText m = new ModelText().input("v0", 4).initializer("m", Tensor.scalar(1L));
        for (int i = 0; i < n; i++) {
            ModelText inner = loop().node("LeakyRelu", List.of("c"), List.of("d"), real("alpha", i))
                    .output("d");
            ModelText outer = loop().node("Loop", List.of("m", "", "c"), List.of("e"), body("body", inner))
                    .output("e");
            m.node("Loop", List.of("m", "", "v" + i), List.of("v" + (i + 1)), body("body", outer));
        }
        return m.output("v" + n);
    }),
    /** Values that are used in a body of a body of a body, and so on. */
    DEEP_BODIES(n -> {
        ModelText m = new ModelText().flag("c").input("x", 4);
        for (int i = 0; i < n; i++) {
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i));
        }
        ModelText deep =
                new ModelText().node("Sum", names("y", n), List.of("r")).output("r");
        for (int level = 0; level < 6; level++) {
            ModelText other =
                    new ModelText().node("Sin", List.of("x"), List.of("o")).output("o");
            deep = new ModelText()
                    .node("If", List.of("c"), List.of("r"), body("then_branch", deep), body("else_branch", other))
                    .output("r");
        }
        ModelText other =
                new ModelText().node("Sin", List.of("x"), List.of("o")).output("o");
        return m.node("If", List.of("c"), List.of("r"), body("then_branch", deep), body("else_branch", other))
                .output("r");
    }),
    /** Weights of a body. */
    BODY_WEIGHTS(n -> {
        ModelText m = new ModelText().flag("c").input("x", 4);
        ModelText then = new ModelText();
        ModelText otherwise = new ModelText();
        for (int i = 0; i < n; i++) {
            then.initializer("w" + i, Tensor.of(new float[] {i, 1, 2, 3}))
                    .node("Mul", List.of(i == 0 ? "x" : "t" + (i - 1), "w" + i), List.of("t" + i));
        }
        then.output("t" + (n - 1));
        otherwise.node("Cos", List.of("x"), List.of("e")).output("e");
        return m.node("If", List.of("c"), List.of("y"), body("then_branch", then), body("else_branch", otherwise))
                .output("y");
    }),
    /** Sparse weights. */
    SPARSE_WEIGHTS(n -> {
        ModelText m = new ModelText().input("v0", 4);
        for (int i = 0; i < n; i++) {
            m.sparse("w" + i, 4).node("Add", List.of("v" + i, "w" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Functions that all call another one. */
    HELPERS(n -> {
        ModelText helper =
                new ModelText().node("Sin", List.of("a"), List.of("t")).node("Cos", List.of("t"), List.of("r"));
        ModelText m = new ModelText().input("v0", "b", 4).function("h", helper, List.of("a"), List.of("r"));
        for (int i = 0; i < n; i++) {
            ModelText f = new ModelText().node(LOCAL, "h", List.of("a"), List.of("t"));
            f.node("LeakyRelu", List.of("t"), List.of("r"), real("alpha", i));
            m.function("f" + i, f, List.of("a"), List.of("r"));
            m.node(LOCAL, "f" + i, List.of("v" + i), List.of("v" + (i + 1)));
        }
        return m.output("v" + n);
    }),
    /** Letters of a name that all nodes use. */
    LETTERS(n -> {
        String name = "n".repeat(n);
        ModelText m = new ModelText().input(name, 4);
        for (int i = 0; i < 10; i++) {
            m.node("LeakyRelu", List.of(name), List.of(name + i), real("alpha", i))
                    .output(name + i);
        }
        return m;
    }),
    /** Texts of one weight. */
    TEXTS(n -> new ModelText()
            .texts("w", names("text", n))
            .node("StringNormalizer", List.of("w"), List.of("y"), number("is_case_sensitive", 1))
            .output("y")),
    /** Values that one sequence takes one after another, and gives back. */
    SEQUENCE_ELEMENTS(n -> {
        ModelText m = new ModelText().input("x", 4);
        for (int i = 0; i < n; i++) {
            m.initializer("i" + i, Tensor.scalar((long) i));
            m.node("LeakyRelu", List.of("x"), List.of("y" + i), real("alpha", i));
        }
        m.node("SequenceConstruct", names("y", n), List.of("s"));
        for (int i = 0; i < n; i++) {
            m.node("SequenceAt", List.of("s", "i" + i), List.of("z" + i)).output("z" + i);
        }
        return m;
    }),
    /** Trees of XGBoost. */
    XGBOOST(TreeText::xgboost),
    /** Nodes of one tree of LightGBM, each the child of the one before. */
    LIGHTGBM(TreeText::lightgbm),
    /** Sets of categories, of LightGBM. */
    CATEGORIES(TreeText::categories),
    /** Trees of CatBoost. */
    CATBOOST(TreeText::catboost),
    /** Columns of a table, with names. */
    COLUMNS(TreeText::columns),
    /** Lines of metadata. */
    METADATA(n -> {
        ModelText m = new ModelText()
                .input("x", 4)
                .node("Sin", List.of("x"), List.of("y"))
                .output("y");
        for (int i = 0; i < n; i++) {
            m.metadata("key" + i, "value");
        }
        return m;
    });

    /** The content of a file. */
    @FunctionalInterface
    interface Content {
        /** The file. */
        byte[] bytes();
    }

    private final IntFunction<Content> model;

    Family(IntFunction<Content> model) {
        this.model = model;
    }

    /** The name on the command line. */
    String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The file of a model with that many. */
    byte[] file(int count) {
        return model.apply(count).bytes();
    }

    /** A body of a Loop that carries one value and goes on. */
    private static ModelText loop() {
        ModelText loop = new ModelText().count("i").flag("go").input("c", 4);
        return loop.node("Identity", List.of("go"), List.of("on")).output("on");
    }

    private static List<String> names(String base, int count) {
        List<String> names = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            names.add(base + i);
        }
        return Collections.unmodifiableList(names);
    }

    private static List<String> operands(String first, String second) {
        return second == null ? List.of(first) : List.of(first, second);
    }
}
