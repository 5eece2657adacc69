package dev.tenon.formats.onnx.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.ExternalData;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.proto.SparseTensorProto;
import dev.tenon.formats.onnx.proto.StringEntry;
import dev.tenon.formats.onnx.proto.TensorProto;
import dev.tenon.formats.protobuf.Scalars;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OnnxTensorsTest {
    private static final Limits LIMITS = Limits.standard();

    private static Tensor read(TensorProto proto) {
        return OnnxTensors.toTensor(proto, ExternalData.none(), LIMITS);
    }

    private static TensorProto typed(DType type, Scalars data, Long... dims) {
        return typed(ElementTypes.number(type), data, dims);
    }

    private static TensorProto typed(int type, Scalars data, Long... dims) {
        TensorProto bare = TensorProto.ofStrings("t", List.of(dims), List.of());
        boolean wide = type == 7;
        boolean unsigned = type == 12 || type == 13;
        boolean varint = data.encoding() == Scalars.Encoding.VARINT;
        Scalars none = Scalars.none(Scalars.Encoding.VARINT);
        return new TensorProto(
                "t",
                type,
                bare.dims(),
                Optional.empty(),
                data.encoding() == Scalars.Encoding.FIXED32 ? data : bare.floatData(),
                varint && !wide && !unsigned ? data : none,
                varint && wide ? data : none,
                data.encoding() == Scalars.Encoding.FIXED64 ? data : bare.doubleData(),
                varint && unsigned ? data : none,
                List.of(),
                false,
                List.of(),
                "",
                List.of());
    }

    private static Tensor random(DType type, long... dims) {
        Tensor tensor = Tensor.allocate(type, dims);
        Random random = new Random(11);
        if (type == DType.STRING) {
            for (long i = 0; i < tensor.size(); i++) {
                byte[] bytes = new byte[random.nextInt(5)];
                random.nextBytes(bytes);
                tensor.setUtf8(i, bytes);
            }
        } else {
            byte[] bytes = new byte[(int) tensor.byteSize()];
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = type == DType.BOOL ? (byte) (bytes[i] & 1) : bytes[i];
            }
            tensor.copyFrom(MemorySegment.ofArray(bytes));
        }
        return tensor;
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeComesBackFromRawData(DType type) {
        for (long[] dims : new long[][] {{}, {5}, {3, 2}, {0}, {2, 0, 3}}) {
            Tensor tensor = random(type, dims);
            TensorProto proto = OnnxTensors.toProto("name", tensor);
            assertThat(proto.name()).isEqualTo("name");
            assertThat(read(proto).contentEquals(tensor)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeComesBackFromItsTypedField(DType type) {
        Tensor tensor = random(type, 3, 3);
        if (type == DType.STRING) {
            assertThat(read(OnnxTensors.toProto("t", tensor)).contentEquals(tensor))
                    .isTrue();
            return;
        }
        assertThat(read(typed(type, scalars(tensor), 3L, 3L)).contentEquals(tensor))
                .isTrue();
    }

    private static Scalars scalars(Tensor tensor) {
        DType type = tensor.dtype();
        List<Long> values = new ArrayList<>();
        switch (type) {
            case FLOAT32, COMPLEX64 -> {
                float[] parts = new float[(int) tensor.byteSize() / 4];
                MemorySegment.ofArray(parts).copyFrom(tensor.segment());
                return Scalars.ofFloats(parts);
            }
            case FLOAT64, COMPLEX128 -> {
                double[] parts = new double[(int) tensor.byteSize() / 8];
                MemorySegment.ofArray(parts).copyFrom(tensor.segment());
                return Scalars.ofDoubles(parts);
            }
            default -> {
                if (type.isSubByte()) {
                    byte[] packed = new byte[(int) tensor.byteSize()];
                    MemorySegment.ofArray(packed).copyFrom(tensor.segment());
                    for (byte b : packed) {
                        values.add((long) b);
                    }
                } else {
                    for (long i = 0; i < tensor.size(); i++) {
                        values.add(type.isInteger() ? tensor.getLong(i) : tensor.getBits(i));
                    }
                }
            }
        }
        return Scalars.ofLongs(values.stream().mapToLong(Long::longValue).toArray());
    }

    @Test
    void rawDataIsAView() {
        byte[] bytes = {1, 2, 3};
        Tensor tensor = read(TensorProto.ofRaw("t", 3, List.of(3L), MemorySegment.ofArray(bytes)));
        bytes[1] = 9;
        assertThat(tensor.getLong(1)).isEqualTo(9);
        assertThat(tensor.isReadOnly()).isTrue();
    }

    @Test
    void typedFieldsHoldValuesOrBits() {
        assertThat(read(typed(DType.INT8, Scalars.ofLongs(-1, 255), 2L)).toByteArray())
                .containsExactly(-1, -1);
        assertThat(read(typed(DType.FLOAT16, Scalars.ofLongs(0x3c00), 1L)).getFloat(0))
                .isEqualTo(1f);
        assertThat(read(typed(DType.BOOL, Scalars.ofLongs(0, 2), 2L)).getBits(1))
                .isEqualTo(1);
        assertThatThrownBy(() -> read(typed(DType.INT8, Scalars.ofLongs(256), 1L)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("tensor 't': element 0 = 256");
        assertThatThrownBy(() -> read(typed(DType.INT4, Scalars.ofLongs(256), 2L)))
                .isInstanceOf(MalformedModelException.class);
    }

    @Test
    void sizesMustFit() {
        MemorySegment four = MemorySegment.ofArray(new byte[4]);
        for (List<Long> dims : List.of(List.of(2L), List.of(0L), List.of(-1L), List.of(1L << 36))) {
            assertThatThrownBy(() -> read(TensorProto.ofRaw("t", 1, dims, four)))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("tensor 't'");
        }
        for (List<Long> dims : List.of(List.of(1L << 60), List.of(1L << 32, 1L << 32), List.of(Long.MAX_VALUE, 3L))) {
            assertThatThrownBy(() -> read(TensorProto.ofRaw("t", 1, dims, four)))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("maxTensorElements");
        }
        assertThat(read(TensorProto.ofRaw("t", 1, List.of(1L << 60, 0L), MemorySegment.ofArray(new byte[0])))
                        .size())
                .isZero();
        for (int type = 1; type <= 26; type++) {
            TensorProto empty = typed(type, Scalars.ofLongs(), 1L << 30);
            assertThatThrownBy(() -> read(empty))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("0 values");
            assertThat(read(typed(type, Scalars.ofLongs(), 0L)).size()).isZero();
        }
        assertThatThrownBy(() -> OnnxTensors.toTensor(
                        TensorProto.ofRaw("t", 1, List.of(1L), four), ExternalData.none(), LIMITS.maxTensorBytes(3)))
                .isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> OnnxTensors.toTensor(
                        TensorProto.ofRaw("t", 2, List.of(2L, 2L), four),
                        ExternalData.none(),
                        LIMITS.maxTensorElements(3)))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("at most 3 elements");
        assertThatThrownBy(() -> read(TensorProto.ofRaw("t", 1, Collections.nCopies(65, 1L), four)))
                .isInstanceOf(ResourceLimitException.class);
    }

    @Test
    void dataMustBeInTheRightFieldOnly() {
        assertThatThrownBy(() -> read(typed(DType.INT64, Scalars.ofFloats(1), 1L)))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("i64 with data in float_data");
        assertThatThrownBy(() -> read(TensorProto.ofRaw("t", 8, List.of(1L), MemorySegment.ofArray(new byte[1]))))
                .hasMessageContaining("strings as raw data");
        TensorProto typed = typed(DType.FLOAT32, Scalars.ofFloats(1), 1L);
        TensorProto both = new TensorProto(
                "t",
                1,
                typed.dims(),
                Optional.of(MemorySegment.ofArray(new byte[4])),
                typed.floatData(),
                typed.int32Data(),
                typed.int64Data(),
                typed.doubleData(),
                typed.uint64Data(),
                List.of(),
                false,
                List.of(),
                "",
                List.of());
        assertThatThrownBy(() -> read(both)).hasMessageContaining("raw data and typed data");
    }

    @Test
    void unknownTypesAreNamed() {
        for (int type : new int[] {-1, 0, 27, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> read(TensorProto.ofRaw("t", type, List.of(), MemorySegment.ofArray(new byte[1]))))
                    .isInstanceOf(UnsupportedModelException.class)
                    .hasMessageContaining("element type " + type);
        }
    }

    private static TensorProto external(String... entries) {
        List<StringEntry> list = new ArrayList<>();
        for (int i = 0; i < entries.length; i += 2) {
            list.add(new StringEntry(entries[i], entries[i + 1]));
        }
        return TensorProto.ofExternal("t", 3, List.of(3L), list);
    }

    @Test
    void externalDataIsFoundByOffsetAndLength(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("w"), new byte[] {0, 1, 2, 3, 4});
        ExternalData data = ExternalData.inFolder(folder);
        Tensor at2 = OnnxTensors.toTensor(external("location", "w", "offset", "2", "length", "3"), data, LIMITS);
        assertThat(at2.toByteArray()).containsExactly(2, 3, 4);
        assertThat(OnnxTensors.toTensor(external("location", "w", "checksum", "x"), data, LIMITS)
                        .toByteArray())
                .containsExactly(0, 1, 2);
        for (TensorProto wrong : List.of(
                external("location", "w", "offset", "3"),
                external("location", "w", "offset", "-1"),
                external("location", "w", "offset", "9223372036854775807"),
                external("location", "w", "offset", "99999999999999999999"),
                external("location", "w", "offset", "one"),
                external("location", "w", "length", "2"),
                external("location", "w", "location", "w"),
                external("offset", "0"))) {
            assertThatThrownBy(() -> OnnxTensors.toTensor(wrong, data, LIMITS))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("tensor 't'");
        }
        assertThatThrownBy(() -> OnnxTensors.toTensor(external("location", "../w"), data, LIMITS))
                .isInstanceOf(ModelFileException.class);
    }

    @Test
    void sparseTensorsBecomeDense() {
        TensorProto values = OnnxTensors.toProto("s", Tensor.of(new float[] {5, 7}));
        TensorProto linear = OnnxTensors.toProto("", Tensor.of(new long[] {1, 5}));
        TensorProto pairs = OnnxTensors.toProto("", Tensor.of(new long[] {0, 1, 1, 2}, 2, 2));
        Tensor expected = Tensor.of(new float[] {0, 5, 0, 0, 0, 7}, 2, 3);
        for (TensorProto indices : List.of(linear, pairs)) {
            SparseTensorProto sparse = new SparseTensorProto(values, indices, List.of(2L, 3L));
            assertThat(OnnxTensors.toTensor(sparse, ExternalData.none(), LIMITS).contentEquals(expected))
                    .isTrue();
        }
        for (Tensor wrong : List.of(
                Tensor.of(new long[] {5, 1}),
                Tensor.of(new long[] {1, 6}),
                Tensor.of(new long[] {-1, 1}),
                Tensor.of(new long[] {1, 1}),
                Tensor.of(new long[] {1}),
                Tensor.of(new int[] {1, 5}),
                Tensor.of(new long[] {0, 1, 1, 3}, 2, 2),
                Tensor.of(new long[] {0, 1}, 2, 1))) {
            SparseTensorProto sparse = new SparseTensorProto(values, OnnxTensors.toProto("", wrong), List.of(2L, 3L));
            assertThatThrownBy(() -> OnnxTensors.toTensor(sparse, ExternalData.none(), LIMITS))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("sparse tensor 's'");
        }
        SparseTensorProto huge = new SparseTensorProto(values, linear, List.of(1L << 31, 2L));
        assertThatThrownBy(() -> OnnxTensors.toTensor(huge, ExternalData.none(), LIMITS))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("maxExpandedBytes");
    }

    @Test
    void stringsKeepTheirBytes() {
        MemorySegment bytes = MemorySegment.ofArray("a\0ü".getBytes(StandardCharsets.UTF_8));
        MemorySegment invalid = MemorySegment.ofArray(new byte[] {(byte) 0xff});
        Tensor tensor = read(TensorProto.ofStrings("t", List.of(2L), List.of(bytes, invalid)));
        assertThat(tensor.getString(0)).isEqualTo("a\0ü");
        assertThat(tensor.getUtf8(1)).containsExactly(0xff);
    }
}
