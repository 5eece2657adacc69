package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.onnx.data.ElementTypes;
import dev.tenon.formats.onnx.proto.OnnxProtoReader;
import dev.tenon.formats.onnx.proto.TypeProto;
import dev.tenon.formats.onnx.proto.ValueInfoProto;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorFilesTest {
    private static final Limits LIMITS = Limits.standard();
    private static final Tensor ONE = Tensor.of(new float[] {1, 2}, 2);
    private static final Tensor TWO = Tensor.of(new float[] {3, 4, 5}, 3);

    @TempDir
    private Path folder;

    private Datum throughFile(Datum value) {
        Path file = folder.resolve("value.pb");
        TensorFiles.write(file, "name", value);
        return TensorFiles.read(file, value.type(), LIMITS);
    }

    private static void assertSame(Datum found, Datum expected) {
        assertThat(found.type()).isEqualTo(expected.type());
        switch (expected) {
            case Tensor tensor ->
                assertThat(((Tensor) found).contentEquals(tensor)).isTrue();
            case TensorSequence sequence -> {
                assertThat(((TensorSequence) found).size()).isEqualTo(sequence.size());
                for (int i = 0; i < sequence.size(); i++) {
                    assertSame(((TensorSequence) found).get(i), sequence.get(i));
                }
            }
            case OptionalDatum optional -> {
                assertThat(((OptionalDatum) found).isPresent()).isEqualTo(optional.isPresent());
                if (optional.isPresent()) {
                    assertSame(((OptionalDatum) found).get(), optional.get());
                }
            }
            case MapDatum map -> {
                assertSame(((MapDatum) found).keys(), map.keys());
                map.asMap()
                        .forEach((key, value) ->
                                assertSame(((MapDatum) found).asMap().get(key), value));
            }
        }
    }

    @Test
    void tensorsComeBack() throws IOException {
        Path file = folder.resolve("t.pb");
        TensorFiles.write(file, "x", ONE);
        Tensor tensor = TensorFiles.readTensor(file);
        assertSame(tensor, ONE);
        assertThat(tensor.isReadOnly()).isFalse();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TensorFiles.write(out, "x", ONE);
        assertThat(file).hasBinaryContent(out.toByteArray());
        assertSame(TensorFiles.readTensor(new ByteArrayInputStream(out.toByteArray()), LIMITS), ONE);
    }

    @Test
    void everyKindOfValueComesBack() {
        TensorSequence sequence = TensorSequence.of(ONE, TWO);
        MapDatum numbers = MapDatum.of(Tensor.of(new long[] {7, -3}), sequence);
        MapDatum names = MapDatum.of(Tensor.of(new String[] {"a", "ü"}), sequence);
        ValueType element = sequence.type().element();
        for (Datum value : List.of(
                ONE,
                Tensor.of(new String[] {"x", ""}),
                sequence,
                TensorSequence.empty(element),
                TensorSequence.of(sequence.type(), List.of(sequence, TensorSequence.empty(element))),
                TensorSequence.of(numbers.type(), List.of(numbers)),
                OptionalDatum.of(ONE),
                OptionalDatum.of(sequence),
                OptionalDatum.empty(element),
                OptionalDatum.of(OptionalDatum.empty(element)),
                numbers,
                names)) {
            assertSame(throughFile(value), value);
        }
    }

    @Test
    void refusesAnotherTypeThanAskedFor() {
        Path file = folder.resolve("t.pb");
        TensorFiles.write(file, "", ONE);
        for (String type :
                List.of("i64[2]", "f32[3]", "f32[2,1]", "seq(f32[*])", "optional(f32[*])", "map(i64,f32[])")) {
            assertThatThrownBy(() -> TensorFiles.read(file, ValueType.parse(type), LIMITS))
                    .isInstanceOf(TenonException.class);
        }
        TensorFiles.write(file, "", TensorSequence.of(ONE));
        assertThatThrownBy(() -> TensorFiles.read(file, ValueType.parse("seq(i64[*])"), LIMITS))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("t.pb");
        assertThatThrownBy(() -> TensorFiles.readTensor(folder.resolve("absent.pb")))
                .isInstanceOf(ModelFileException.class);
    }

    private static ValueType type(TypeProto proto) {
        return switch (proto.kind()) {
            case TypeProto.DenseType dense ->
                new TensorType(ElementTypes.of("type", dense.elemType()), Shape.unknownRank());
            case TypeProto.SparseType sparse ->
                new TensorType(ElementTypes.of("type", sparse.elemType()), Shape.unknownRank());
            case TypeProto.SequenceType sequence -> new SequenceType(type(sequence.element()));
            case TypeProto.OptionalType optional -> new OptionalType(type(optional.element()));
            case TypeProto.MapType map -> new MapType(ElementTypes.of("type", map.keyType()), type(map.value()));
            default -> throw new AssertionError(proto.toString());
        };
    }

    /** The values of a model are read and written if no earlier value was declared with the same type and dimensions. */
    @Test
    void testVectorsOfTheConformanceCorpusComeBack() throws IOException {
        Path corpus = TestData.corpus();
        List<Path> models;
        try (Stream<Path> walk = Files.walk(corpus)) {
            models = walk.filter(p -> p.endsWith("model.onnx")).toList();
        }
        Set<TypeProto> seen = new HashSet<>();
        for (Path path : models) {
            var graph = OnnxProtoReader.readModel(ModelBytes.map(path, LIMITS), LIMITS)
                    .graph();
            vectors(path.getParent(), "input_", graph.inputs(), seen);
            vectors(path.getParent(), "output_", graph.outputs(), seen);
        }
        assertThat(seen).hasSizeGreaterThan(models.size() * 3 / 10);
    }

    private void vectors(Path test, String prefix, List<ValueInfoProto> infos, Set<TypeProto> seen) {
        for (int i = 0; i < infos.size(); i++) {
            Path file = test.resolve("test_data_set_0").resolve(prefix + i + ".pb");
            if (infos.get(i).type().isEmpty() || !Files.exists(file)) {
                continue;
            }
            TypeProto declared = infos.get(i).type().get();
            if (seen.add(declared) || Exhaustive.isOn()) {
                Datum value = vector(file, type(declared));
                assertSame(throughFile(value), value);
            }
        }
    }

    /** ONNX before version 1.18 writes the bits of bfloat16 as uint16. */
    private static Datum vector(Path file, ValueType declared) {
        try {
            return TensorFiles.read(file, declared, LIMITS);
        } catch (MalformedModelException e) {
            if (declared instanceof TensorType t && t.dtype() == DType.BFLOAT16) {
                return TensorFiles.read(file, new TensorType(DType.UINT16, Shape.unknownRank()), LIMITS);
            }
            throw e;
        }
    }
}
