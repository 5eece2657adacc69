package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.Snap;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.AttributeProto;
import dev.tenon.formats.onnx.proto.AttributeType;
import dev.tenon.formats.onnx.proto.AttributeValue;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tiers")
class CustomOperatorTest {
    private static final OpLibrary REFERENCE = OpLibrary.empty().with(Snap.DEFINITION);

    private static final Map<String, Tensor> X = Map.of("x", Tensor.of(new float[] {1.2f, -0.3f, 0.9f, 4}));

    @TempDir
    private Path folder;

    private static AttributeProto step(float value) {
        return AttributeProto.of("step", new AttributeValue.FloatValue(value));
    }

    /** y = Snap(x) + Snap(x) with a step of 0.5. */
    private static OnnxFile plain(long version) {
        return OnnxFile.graph("plain")
                .imports(Snap.DOMAIN, version)
                .input("x", "f32[n]")
                .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("s"), step(0.5f))
                .node("Add", List.of("s", "s"), List.of("y"))
                .output("y", "f32[n]");
    }

    private static Model load(OnnxFile file, OpLibrary own) {
        return Model.load(ByteBuffer.wrap(file.bytes()), LoadOptions.standard().operators(own));
    }

    private void checkAsWritten(Model model, OpLibrary own, float... expected) {
        assertThat(model.predict(X).tensor("y").toFloatArray()).containsExactly(expected);
        Path file = folder.resolve("written.onnx");
        model.save(file);
        Model again = Model.load(file, LoadOptions.standard().operators(own));
        assertThat(again.predict(X).tensor("y").toFloatArray()).containsExactly(expected);
        assertThat(again.metadata().operatorSets())
                .containsEntry(Snap.DOMAIN, model.metadata().operatorSets().get(Snap.DOMAIN));
    }

    @Test
    void aReferenceIsEnough() {
        Model model = load(plain(2), REFERENCE);
        assertThat(model.graph().nodes().getFirst().op()).isEqualTo(new Snap(0.5f));
        assertThat(model.outputs()).containsExactly(new ValueInfo("y", ValueType.parse("f32[n]")));
        checkAsWritten(model, REFERENCE, 2, -1, 1, 8);
    }

    @Test
    void aKernelTakesThePlaceOfTheReference() {
        AtomicInteger parts = new AtomicInteger();
        OpLibrary own = OpLibrary.empty().with(Snap.DEFINITION, Snap.kernels(parts));
        Model model = load(plain(3), own);
        assertThat(model.session().inspect().explain(X)).contains("test.example.Snap");
        checkAsWritten(model, own, 2, -1, 1, 8);
        assertThat(parts).hasValue(4);
    }

    @Test
    void operandsThatTheKernelRefusesRunThroughTheReference() {
        AtomicInteger parts = new AtomicInteger();
        OnnxFile file = OnnxFile.graph("integers")
                .imports(Snap.DOMAIN, 2)
                .input("x", "i64[n]")
                .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("y"), step(4))
                .output("y", "i64[n]");
        Model model = load(file, OpLibrary.empty().with(Snap.DEFINITION, Snap.kernels(parts)));
        Tensor y = model.predict(Map.of("x", Tensor.of(new long[] {7, -1, 8}))).tensor();
        assertThat(y.toLongArray()).containsExactly(4, -4, 8);
        assertThat(parts).hasValue(0);
    }

    @Test
    void bodiesOfControlOperatorsKnowIt() {
        OnnxFile then = OnnxFile.graph("then")
                .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("a"), step(2))
                .output("a", "f32[n]");
        OnnxFile otherwise = OnnxFile.graph("else")
                .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("b"))
                .output("b", "f32[n]");
        OnnxFile file = OnnxFile.graph("branches")
                .imports(Snap.DOMAIN, 2)
                .input("x", "f32[n]")
                .initializer("limit", Tensor.scalar(2f))
                .node("ReduceMax", List.of("x"), List.of("most"), OnnxFile.number("keepdims", 0))
                .node("Greater", List.of("most", "limit"), List.of("large"))
                .node(
                        "If",
                        List.of("large"),
                        List.of("y"),
                        OnnxFile.body("then_branch", then),
                        OnnxFile.body("else_branch", otherwise))
                .output("y", "f32[n]");
        AtomicInteger parts = new AtomicInteger();
        OpLibrary own = OpLibrary.empty().with(Snap.DEFINITION, Snap.kernels(parts));
        Model model = load(file, own);
        assertThat(model.graph().nodes()).anyMatch(n -> n.op() instanceof GraphOp);
        checkAsWritten(model, own, 0, -2, 0, 4);
        assertThat(parts).hasValue(4);
        assertThat(model.predict(Map.of("x", Tensor.of(new float[] {1.5f})))
                        .tensor()
                        .toFloatArray())
                .containsExactly(1);
    }

    @Test
    void functionsOfTheModelCallIt() {
        AttributeProto given =
                new AttributeProto("step", "grid", "", AttributeType.FLOAT, new AttributeValue.NoValue());
        OnnxFile body = OnnxFile.graph("Both")
                .imports(Snap.DOMAIN, 2)
                .input("a", "f32[n]")
                .node(Snap.DOMAIN, "Snap", List.of("a"), List.of("down"), given)
                .node("Add", List.of("down", "a"), List.of("sum"))
                .output("sum", "f32[n]");
        OnnxFile file = OnnxFile.graph("calls")
                .imports(OnnxFile.LOCAL, 1)
                .function(body, List.of("grid"))
                .input("x", "f32[n]")
                .node(
                        OnnxFile.LOCAL,
                        "Both",
                        List.of("x"),
                        List.of("y"),
                        AttributeProto.of("grid", new AttributeValue.FloatValue(4)))
                .output("y", "f32[n]");
        checkAsWritten(load(file, REFERENCE), REFERENCE, 1.2f, -4.3f, 0.9f, 8);
    }

    @Test
    void constantsAreFoldedThroughIt() {
        OnnxFile file = OnnxFile.graph("constant")
                .imports(Snap.DOMAIN, 2)
                .input("x", "f32[n]")
                .initializer("c", Tensor.of(new float[] {1.75f}))
                .node(Snap.DOMAIN, "Snap", List.of("c"), List.of("s"), step(0.5f))
                .node("Mul", List.of("x", "s"), List.of("y"))
                .output("y", "f32[n]");
        Model model = load(file, REFERENCE);
        Map<String, Tensor> two = Map.of("x", Tensor.of(new float[] {2}));
        assertThat(model.predict(two).tensor().toFloatArray()).containsExactly(3);
        assertThat(model.session().inspect().explain(two)).doesNotContain("Snap");
    }

    @Test
    void aGraphMadeInMemory() {
        AtomicInteger parts = new AtomicInteger();
        OpLibrary own = OpLibrary.empty().with(Snap.DEFINITION, Snap.kernels(parts));
        Model model = Model.of(GraphText.parse("""
                graph (%x: f32[n]) {
                  %y = test.example.Snap<step=0.5f>(%x)
                  return %y
                }
                """, StandardOperators.set().plus(own.operators())), own);
        checkAsWritten(model, own, 1, -0.5f, 0.5f, 4);
        assertThat(parts).hasPositiveValue();
        assertThat(model.metadata().operatorSets()).containsExactly(Map.entry(Snap.DOMAIN, 2L));
    }

    @Test
    void anUnknownOperatorIsRefusedWithTheCure() {
        assertThat(Typed.failure(() -> Model.load(ByteBuffer.wrap(plain(2).bytes()))))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("Snap 'make_s'")
                .hasMessageContaining("operator test.example.Snap of operator set 2")
                .hasMessageContaining("LoadOptions.operators");
    }

    @Test
    void anOlderVersionThanTheEntrysIsRefused() {
        assertThat(Typed.failure(() -> load(plain(1), REFERENCE)))
                .isInstanceOf(UnsupportedModelException.class)
                .hasMessageContaining("operator set 1")
                .hasMessageContaining("versions 2 and above");
        assertThatThrownBy(() -> new OpDefinition<>(Snap.SCHEMA, Snap.class, Snap::of, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("version 0");
    }

    @Test
    void attributesAndTypesAreChecked() {
        OnnxFile steps = OnnxFile.graph("steps")
                .imports(Snap.DOMAIN, 2)
                .input("x", "f32[n]")
                .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("y"), step(-1))
                .output("y", "f32[n]");
        assertThat(Typed.failure(() -> load(steps, REFERENCE)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("make_y")
                .hasMessageContaining("step -1.0");
        OnnxFile bools = OnnxFile.graph("bools")
                .imports(Snap.DOMAIN, 2)
                .input("x", "bool[n]")
                .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("y"))
                .output("y", "bool[n]");
        assertThat(Typed.failure(() -> load(bools, REFERENCE)))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("bool");
    }

    @Test
    void aKernelHasAtLeastOnePart() {
        OpLibrary own = OpLibrary.empty().with(Snap.DEFINITION, (op, inputs, outputs) -> Optional.of(new NoParts()));
        Model model = load(plain(2), own);
        assertThat(Typed.failure(() -> model.predict(X)))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("CustomKernel.parts of test.example.Snap")
                .hasMessageContaining("0 parts");
    }

    private static final class NoParts implements CustomKernel {
        @Override
        public void run(MemorySegment[] operands, int from, int to) {
            throw new AssertionError("there are no parts to run");
        }

        @Override
        public int parts() {
            return 0;
        }
    }

    /** Replaces an operator of the standard. */
    private record Absolute() implements Op {
        private static final OpSchema SCHEMA =
                OpSchema.of("Abs").input("X", "T").output("Y", "T").where("T", Types.FLOAT32);

        @Override
        public OpSchema schema() {
            return SCHEMA;
        }

        @Override
        public List<ValueType> infer(InferContext c) {
            return List.of(c.type(0));
        }

        @Override
        public List<Datum> reference(Operands in) {
            Tensor y = in.tensor(0).copy();
            for (long i = 0; i < y.size(); i++) {
                y.setDouble(i, 100 + Math.abs(y.getDouble(i)));
            }
            return List.of(y);
        }
    }

    @Test
    void aCallersOperatorReplacesTheStandards() {
        OnnxFile file = OnnxFile.graph("replaced")
                .input("x", "f32[n]")
                .node("Abs", List.of("x"), List.of("y"))
                .output("y", "f32[n]");
        OpLibrary since21 =
                OpLibrary.empty().with(new OpDefinition<>(Absolute.SCHEMA, Absolute.class, a -> new Absolute(), 21));
        Map<String, Tensor> x = Map.of("x", Tensor.of(new float[] {-2}));
        assertThat(load(file, since21).predict(x).tensor().toFloatArray()).containsExactly(102);
        assertThat(Model.load(ByteBuffer.wrap(file.bytes())).predict(x).tensor().toFloatArray())
                .containsExactly(2);
    }

    @Test
    void librariesAreValuesThatJoin() {
        OpLibrary other =
                OpLibrary.empty().with(new OpDefinition<>(Absolute.SCHEMA, Absolute.class, a -> new Absolute()));
        assertThat(REFERENCE.plus(other).operators().definitions()).hasSize(2);
        assertThat(REFERENCE.operators().definitions()).hasSize(1);
        assertThat(OpLibrary.empty().operators().definitions()).isEmpty();
        assertThat(REFERENCE.plus(other)).hasToString("[test.example.Snap, Abs]");
    }
}
