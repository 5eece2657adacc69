package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOperandException;
import dev.tenon.fixtures.OnnxFile;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.fixtures.Snap;
import dev.tenon.fixtures.Typed;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.InvalidGraphException;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.math.Neg;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model with another graph keeps its metadata, its operators and those of its optional inputs that still fit. */
@Tag("tiers")
class WithGraphTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2});

    /** y = x * slope + offset, where calls may give slope and offset. */
    private static final OnnxFile LINE = OnnxFile.graph("line")
            .input("x", "f32[2]")
            .input("slope", "f32[n]")
            .input("offset", "f32[]")
            .initializer("slope", Tensor.of(new float[] {3}))
            .initializer("offset", Tensor.scalar(10f))
            .node("Mul", List.of("x", "slope"), List.of("product"))
            .node("Add", List.of("product", "offset"), List.of("y"))
            .output("y", "f32[2]");

    @TempDir
    private Path folder;

    private static Model line() {
        return Model.load(ByteBuffer.wrap(LINE.bytes()));
    }

    private static float[] y(Model model, Map<String, Tensor> inputs) {
        return model.predict(inputs).tensor("y").toFloatArray();
    }

    /** The graph with each output negated. */
    private static Graph negated(Graph graph) {
        GraphCopy copy = new GraphCopy(graph);
        for (Node node : graph.nodes()) {
            copy.copy(node);
        }
        for (Value v : graph.outputs()) {
            copy.replace(v, copy.builder().add(new Neg(), copy.of(v)));
        }
        return copy.build();
    }

    /** The graph with another value of a constant. */
    private static Graph replaced(Graph graph, String name, Tensor constant) {
        GraphCopy copy = new GraphCopy(graph);
        for (Value v : graph.constants()) {
            if (v.name().equals(name)) {
                copy.replace(v, constant);
            }
        }
        graph.nodes().forEach(copy::copy);
        return copy.build();
    }

    @Test
    void itKeepsMetadataAndOptionalInputs() {
        Model model = line();
        Model changed = model.withGraph(negated(model.graph()));
        assertThat(changed.metadata()).isEqualTo(model.metadata());
        assertThat(changed.metadata().producer()).isEqualTo("a tool");
        assertThat(changed.optionalInputs()).isEqualTo(model.optionalInputs());
        assertThat(y(changed, Map.of("x", X))).containsExactly(-13, -16);
        assertThat(y(changed, Map.of("x", X, "slope", Tensor.of(new float[] {1, 2}))))
                .containsExactly(-11, -14);
        assertThat(y(changed, Map.of("x", X, "slope", Tensor.of(new float[] {1}), "offset", Tensor.scalar(0f))))
                .containsExactly(-1, -2);
        assertThat(y(model, Map.of("x", X))).containsExactly(13, 16);
    }

    @Test
    void itIsSavedAndLoaded() {
        Model changed = line().withGraph(negated(line().graph()));
        Path file = folder.resolve("changed.onnx");
        changed.save(file);
        Model again = Model.load(file);
        assertThat(again.metadata().producer()).isEqualTo(changed.metadata().producer());
        assertThat(again.metadata().properties()).isEqualTo(changed.metadata().properties());
        assertThat(y(again, Map.of("x", X))).containsExactly(-13, -16);
    }

    @Test
    void anOptionalInputMayGetAnotherDefault() {
        Model changed = line().withGraph(replaced(line().graph(), "slope", Tensor.of(new float[] {5, 7})));
        assertThat(y(changed, Map.of("x", X))).containsExactly(15, 24);
        assertThat(y(changed, Map.of("x", X, "slope", Tensor.of(new float[] {1}))))
                .containsExactly(11, 12);
    }

    @Test
    void anOptionalInputThatTheGraphDoesNotHaveIsDropped() {
        Graph graph = SmallModels.graph("""
            graph line(%x: f32[2]) {
              %slope = const f32[1] {2.0}
              %y = Mul(%x, %slope)
              return %y
            }
            """);
        Model changed = line().withGraph(graph);
        assertThat(changed.optionalInputs()).extracting(ValueInfo::name).containsExactly("slope");
        assertThat(y(changed, Map.of("x", X))).containsExactly(2, 4);
        assertThat(Typed.failure(() -> changed.predict(Map.of("x", X, "offset", Tensor.scalar(1f)))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("input 'offset'");
    }

    @Test
    void anOptionalInputThatBecomesAnInputIsNoLongerOptional() {
        Graph graph = SmallModels.graph("""
            graph line(%x: f32[2], %slope: f32[2]) {
              %y = Mul(%x, %slope)
              return %y
            }
            """);
        Model changed = line().withGraph(graph);
        assertThat(changed.optionalInputs()).isEmpty();
        assertThat(changed.inputs()).extracting(ValueInfo::name).containsExactly("x", "slope");
        assertThat(y(changed, Map.of("x", X, "slope", X))).containsExactly(1, 4);
    }

    @Test
    void aConstantWithTheNameOfAnOptionalInputHasItsType() {
        Model model = line();
        Graph graph = SmallModels.graph("""
            graph line(%x: f32[2]) {
              %slope = const f32[2,1] {2.0, 3.0}
              %y = Mul(%x, %slope)
              return %y
            }
            """);
        assertThat(Typed.failure(() -> model.withGraph(graph)))
                .isInstanceOf(InvalidGraphException.class)
                .hasMessageContaining("optional input 'slope'")
                .hasMessageContaining("f32[2,1]")
                .hasMessageContaining("f32[n]");
    }

    @Test
    void aConstantThatAnOperatorNeedsCanNotBeGiven() {
        GraphBuilder b = new GraphBuilder("scaled");
        Value x = b.input("x", ValueType.parse("f32[2]"));
        Value slope = b.constant("slope", Tensor.of(new float[] {3}));
        Value y = b.add(new ConstantScale(), "scale", List.of(x, slope), List.of("y"))
                .getFirst();
        Model model = line().withGraph(b.output(y).build());
        assertThat(y(model, Map.of("x", X))).containsExactly(3, 6);
        Tensor slopes = Tensor.of(new float[] {1});
        assertThat(Typed.failure(() -> model.predict(Map.of("x", X, "slope", slopes))))
                .isInstanceOf(InvalidOperandException.class)
                .hasMessageContaining("ConstantScale 'scale'");
    }

    /** Multiplies by a factor that must be a constant. */
    private record ConstantScale() implements Op {
        private static final OpSchema SCHEMA = OpSchema.of(Snap.DOMAIN, "ConstantScale")
                .input("x", "T")
                .input("factor", "T")
                .output("y", "T")
                .where("T", Types.FLOAT32);

        @Override
        public OpSchema schema() {
            return SCHEMA;
        }

        @Override
        public Numerics numerics() {
            return Numerics.ROUNDED;
        }

        @Override
        public List<ValueType> infer(InferContext c) {
            if (c.constant(1) == null) {
                throw c.error("a factor that is no constant", "a constant", null);
            }
            return List.of(c.type(0));
        }

        @Override
        public List<Datum> reference(Operands in) {
            Tensor y = in.tensor(0).copy();
            for (long i = 0; i < y.size(); i++) {
                y.setDouble(i, y.getDouble(i) * in.tensor(1).getDouble(0));
            }
            return List.of(y);
        }
    }

    @Test
    void itKeepsTheKernelsOfTheCallersOperators() {
        AtomicInteger parts = new AtomicInteger();
        OpLibrary own = OpLibrary.empty().with(Snap.DEFINITION, Snap.kernels(parts));
        OnnxFile file = OnnxFile.graph("snap")
                .imports(Snap.DOMAIN, 2)
                .input("x", "f32[2]")
                .node(Snap.DOMAIN, "Snap", List.of("x"), List.of("y"))
                .output("y", "f32[2]");
        Model model =
                Model.load(ByteBuffer.wrap(file.bytes()), LoadOptions.standard().operators(own));
        Model changed = model.withGraph(negated(model.graph()));
        assertThat(y(changed, Map.of("x", Tensor.of(new float[] {1.5f, 2.5f})))).containsExactly(-1, -2);
        assertThat(parts).hasPositiveValue();
        Path saved = folder.resolve("snap.onnx");
        changed.save(saved);
        Model again = Model.load(saved, LoadOptions.standard().operators(own));
        assertThat(again.metadata().operatorSets()).containsEntry(Snap.DOMAIN, 2L);
        assertThat(y(again, Map.of("x", Tensor.of(new float[] {1.5f, 2.5f})))).containsExactly(-1, -2);
    }

    @Test
    void aPackageGetsAnotherGraph() {
        Session session = SmallModels.perceptron().session();
        Path file = folder.resolve("model.tenon");
        session.save(file);
        Model loaded = Model.load(file);
        Map<String, Tensor> inputs = Map.of("x", SmallModels.random(3, 16));
        float[] expected = session.predict(inputs).tensor().toFloatArray();
        float[] found = loaded.withGraph(negated(loaded.graph()))
                .predict(inputs)
                .tensor()
                .toFloatArray();
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isEqualTo(-expected[i]);
        }
    }

    @Test
    void damagedWeightsOfAPackageAreFound() throws IOException {
        Model model = SmallModels.model("""
            graph product(%x: f32[n,256]) {
              %w = const f32[256,256] @w256x256
              %y = MatMul(%x, %w)
              return %y
            }
            """);
        Path file = folder.resolve("model.tenon");
        model.session().save(file);
        byte[] whole = Files.readAllBytes(file);
        Model loaded = Model.load(file);
        Tensor weights = loaded.graph().constants().getFirst().constant();
        assertThat(weights.dtype()).isEqualTo(DType.FLOAT32);
        int at = indexOf(whole, weights.segment().asSlice(0, 64).toArray(ValueLayout.JAVA_BYTE));
        whole[at + 32] ^= 0x40;
        Path damaged = Files.write(folder.resolve("damaged.tenon"), whole);
        Model wrong = Model.load(damaged);
        assertThat(Typed.failure(() -> wrong.withGraph(wrong.graph()))).isInstanceOf(MalformedModelException.class);
    }

    private static int indexOf(byte[] whole, byte[] part) {
        for (int at = 0; at + part.length <= whole.length; at++) {
            if (Arrays.equals(whole, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("not in the file");
    }
}
