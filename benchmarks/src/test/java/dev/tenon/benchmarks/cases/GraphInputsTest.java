package dev.tenon.benchmarks.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.ValueInfo;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.onnx.proto.GraphProto;
import dev.tenon.formats.onnx.proto.ModelProto;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.OnnxProtoWriter;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.onnx.proto.TensorShapeProto;
import dev.tenon.formats.onnx.proto.TypeProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Literals;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose weights are inputs too, in the form that ONNX Runtime gets. */
class GraphInputsTest {
    private static final int FLOAT = 1;

    @TempDir
    Path folder;

    private final Tensor weights = Literals.random(DType.FLOAT32, 1, 3, 4);
    private Path plain;
    private ModelProto model;

    @BeforeEach
    void makeAProduct() {
        GraphBuilder b = new GraphBuilder("product");
        Value x = b.input("x", new TensorType(DType.FLOAT32, Shape.of(2, 3)));
        Value product = b.add(new MatMul(), x, b.constant("w", weights));
        plain = folder.resolve("plain.onnx");
        Model.of(b.output("y", b.add(new Relu(), product)).build())
                .save(plain, SaveOptions.standard().operatorSet(17));
        model = OnnxProtoReader.readModel(ModelBytes.copy(plain, Limits.standard()), Limits.standard());
        assertThat(model.graph().initializers()).hasSize(1);
    }

    /** A model with weights that are inputs too. */
    private Path open(TensorProto initializer) {
        GraphProto g = model.graph();
        List<ValueInfoProto> inputs = new ArrayList<>(g.inputs());
        TensorShapeProto dims =
                new TensorShapeProto(List.of(TensorShapeProto.Dimension.of(3), TensorShapeProto.Dimension.of(4)));
        TypeProto type = TypeProto.of(new TypeProto.DenseType(FLOAT, Optional.of(dims)));
        inputs.add(new ValueInfoProto(initializer.name(), Optional.of(type), "", List.of()));
        GraphProto changed = new GraphProto(
                g.name(),
                g.nodes(),
                List.of(initializer),
                g.sparseInitializers(),
                inputs,
                g.outputs(),
                g.valueInfos(),
                g.docString(),
                g.quantizationAnnotations(),
                g.metadata());
        Path file = folder.resolve("open.onnx");
        OnnxProtoWriter.encode(new ModelProto(
                        model.irVersion(),
                        model.opsetImports(),
                        model.producerName(),
                        model.producerVersion(),
                        model.domain(),
                        model.modelVersion(),
                        model.docString(),
                        changed,
                        model.metadata(),
                        model.functions()))
                .writeTo(file);
        return file;
    }

    @Test
    void allElseIsByteForByteTheFile() throws IOException {
        TensorProto w = model.graph().initializers().getFirst();
        Path open = open(w);
        assertThat(Files.size(open)).isGreaterThan(Files.size(plain));
        assertThat(GraphInputs.without(Set.of(w.name()), open)).isEqualTo(Files.readAllBytes(plain));
        assertThat(GraphInputs.without(Set.of(), open)).isEqualTo(Files.readAllBytes(open));
        assertThatThrownBy(() -> GraphInputs.without(Set.of(), Files.write(folder.resolve("no"), new byte[] {58, 9})))
                .isInstanceOf(MalformedModelException.class);
    }

    @Test
    void bothEnginesRunWhatTakesWeights() {
        check(open(model.graph().initializers().getFirst()));
    }

    /** ONNX Runtime gets the model as bytes, without a folder for external data. */
    @Test
    void weightsMayLieBesideTheModel() throws IOException {
        TensorProto w = model.graph().initializers().getFirst();
        Files.write(folder.resolve("w.bin"), w.rawData().orElseThrow().toArray(ValueLayout.JAVA_BYTE));
        check(open(TensorProto.ofExternal(w.name(), FLOAT, w.dims(), List.of(new StringEntry("location", "w.bin")))));
    }

    private static void check(Path open) {
        assertThat(Model.load(open).optionalInputs().stream().map(ValueInfo::name))
                .hasSize(1);
        ModelCase c = ModelCase.of("open", open.toString(), "", 1, Terms.STANDARD);
        assertThat(c.shapes()).isEqualTo("2x3");
        Agreement agreement = Agreement.of(c);
        assertThat(agreement.holds(c)).as("%s", agreement).isTrue();
        assertThat(agreement.maxDifference()).isLessThan(1e-5);
    }
}
