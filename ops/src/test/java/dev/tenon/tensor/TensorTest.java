package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Making, sharing and copying tensors, and the errors of bad arguments. */
class TensorTest {
    @Test
    void arraysAreCopiedByOfAndSharedByWrap() {
        float[] floats = {1, 2, 3, 4, 5, 6};
        Tensor copy = Tensor.of(floats, 2, 3);
        Tensor shared = Tensor.wrap(floats, 2, 3);
        floats[5] = 9;
        assertThat(copy.getFloat(5)).isEqualTo(6);
        assertThat(shared.getFloat(5)).isEqualTo(9);
        shared.setDouble(0, 7);
        assertThat(floats[0]).isEqualTo(7);
        assertThat(copy.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void rowsAreCopied() {
        float[][] rows = {{1, 2, 3}, {4, 5, 6}};
        Tensor t = Tensor.of(rows);
        rows[1][2] = 9;
        assertThat(t.type().text()).isEqualTo("f32[2,3]");
        assertThat(t.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(Tensor.of(new float[0][]).type().text()).isEqualTo("f32[0,0]");
        assertThat(Tensor.of(new float[2][0]).type().text()).isEqualTo("f32[2,0]");
    }

    @Test
    void rowsOfUnequalLengthAreRefused() {
        assertThatThrownBy(() -> Tensor.of(new float[][] {{1, 2}, {3}}))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32 of 2 rows: row 1 has 1 elements; allowed 2 elements in each row, as in row 0");
        assertThatThrownBy(() -> Tensor.of(new float[][] {{1, 2}, null}))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("row 1 is null");
        assertThatThrownBy(() -> Tensor.of(new float[][] {null, {1}}))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("row 0 is null");
    }

    @Test
    void everyJavaArrayHasItsType() {
        assertThat(Tensor.of(new float[] {1.5f}).type().text()).isEqualTo("f32[1]");
        assertThat(Tensor.of(new double[] {1.5}).toDoubleArray()).containsExactly(1.5);
        assertThat(Tensor.of(new long[] {1L << 40}).toLongArray()).containsExactly(1L << 40);
        assertThat(Tensor.of(new int[] {-7}).toIntArray()).containsExactly(-7);
        assertThat(Tensor.of(new short[] {-7}).toShortArray()).containsExactly((short) -7);
        assertThat(Tensor.of(new byte[] {-7}).toByteArray()).containsExactly((byte) -7);
        assertThat(Tensor.of(new boolean[] {true, false}).toBooleanArray()).containsExactly(true, false);
        assertThat(Tensor.of(new String[] {"a", "é"}).toStringArray()).containsExactly("a", "é");
        List<DType> types = List.of(
                Tensor.wrap(new float[1]).dtype(),
                Tensor.wrap(new double[1]).dtype(),
                Tensor.wrap(new long[1]).dtype(),
                Tensor.wrap(new int[1]).dtype(),
                Tensor.wrap(new short[1]).dtype(),
                Tensor.wrap(new byte[1]).dtype());
        assertThat(types)
                .containsExactly(DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32, DType.INT16, DType.INT8);
        List<DType> scalars = List.of(
                Tensor.scalar(1f).dtype(),
                Tensor.scalar(1.0).dtype(),
                Tensor.scalar(1L).dtype(),
                Tensor.scalar(1).dtype(),
                Tensor.scalar(true).dtype(),
                Tensor.scalar("x").dtype());
        assertThat(scalars)
                .containsExactly(DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32, DType.BOOL, DType.STRING);
    }

    @Test
    void omittedDimensionsAreOneAndEmptyOnesAreNone() {
        assertThat(Tensor.of(new float[] {1}).rank()).isEqualTo(1);
        assertThat(Tensor.of(new float[] {1}, new long[0]).rank()).isZero();
        assertThat(Tensor.of(new float[0]).dims()).containsExactly(0);
        assertThat(Tensor.of(new float[0], 3, 0, 2).dims()).containsExactly(3, 0, 2);
        assertThat(Tensor.of(new float[0], 1L << 60, 0, 1L << 60).size()).isZero();
    }

    @Test
    void wrongCountsAreRefused() {
        assertThatThrownBy(() -> Tensor.of(new float[5], 2, 3))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[2,3]: is given 20 bytes (5 elements); allowed exactly 24 bytes (6 elements)");
        assertThatThrownBy(() -> Tensor.of(new String[] {"a"}, 2))
                .hasMessage("tensor string[2]: is given 1 elements; allowed exactly 2");
        assertThatThrownBy(() -> Tensor.of(new String[] {null})).hasMessageContaining("element 0 is null");
        assertThatThrownBy(() -> Tensor.of(new float[2], -1, -2))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("shape f32[-1,-2]: dimension -1 is negative; allowed 0 and above");
        assertThatThrownBy(() -> Tensor.convert(DType.INT4, new long[2], 3)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.of(DType.INT4, MemorySegment.ofArray(new byte[1]), 3))
                .hasMessage("tensor i4[3]: is given 1 bytes; allowed exactly 2 bytes (3 elements)");
        assertThatThrownBy(() -> Tensor.of(DType.STRING, MemorySegment.ofArray(new byte[0]), 0))
                .isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void hugeTensorsAreRefusedBeforeMemoryIsTaken() {
        for (long[] dims : new long[][] {{1L << 60}, {1L << 20, 1L << 20}, {Integer.MAX_VALUE}}) {
            assertThatThrownBy(() -> Tensor.allocate(DType.FLOAT32, dims))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasMessageContaining("tensor f32[");
        }
        assertThatThrownBy(() -> Tensor.allocate(DType.STRING, 1L << 40)).isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> Tensor.allocate(DType.FLOAT64, 1L << 61)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.allocate(DType.FLOAT64, 1L << 32, 1L << 32))
                .isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.allocateNative(DType.INT8, 1L << 45))
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("raise -XX:MaxDirectMemorySize");
        for (long bytes : new long[] {1L << 48, 1L << 62, Long.MAX_VALUE}) {
            assertThatThrownBy(() -> Tensor.allocateNative(DType.INT8, bytes))
                    .isInstanceOf(ResourceLimitException.class)
                    .hasNoCause()
                    .hasMessageContaining(
                            "needs " + bytes + " bytes of native memory; allowed less than 281474976710656");
        }
    }

    @Test
    void memoryThatTheHeapLacksIsATypedError() {
        assertThatThrownBy(() -> Storage.array(8, 1, n -> failing(), () -> "tensor"))
                .isInstanceOf(ResourceLimitException.class)
                .hasCauseInstanceOf(OutOfMemoryError.class)
                .hasMessageStartingWith("tensor: needs 8 bytes of heap")
                .hasMessageEndingWith("raise -Xmx");
    }

    private static byte[] failing() {
        throw new OutOfMemoryError("as the VM does");
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void allocatedTensorsAreZero(DType type) {
        for (long[] dims : new long[][] {{}, {0}, {3, 5}, {7}}) {
            Tensor heap = Tensor.allocate(type, dims);
            Tensor off = Tensor.allocateNative(type, dims);
            assertThat(heap.contentEquals(off)).isTrue();
            assertThat(heap.shapeIs(dims)).isTrue();
            assertThat(heap.isNative()).isFalse();
            assertThat(off.isNative()).isEqualTo(type != DType.STRING);
            if (type == DType.STRING) {
                assertThat(heap.byteSize()).isZero();
            } else {
                assertThat(heap.segment().byteSize()).isEqualTo(type.byteSize(heap.size()));
                assertThat(off.segment().address() % 64).isZero();
                assertThat(off.segment().mismatch(heap.segment())).isEqualTo(-1);
            }
        }
    }

    @Test
    void dimensionsAndIndicesAreChecked() {
        Tensor tensor = Tensor.allocate(DType.FLOAT32, 2, 3);
        assertThat(tensor.dim(-1)).isEqualTo(3);
        assertThat(tensor.shapeIs(new long[] {3, 2})).isFalse();
        assertThatThrownBy(() -> tensor.dim(2))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[2,3]: dimension 2 does not exist; allowed [-2, 1]");
        assertThatThrownBy(() -> tensor.getFloat(6))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[2,3]: element 6 does not exist; allowed [0, 5]");
        assertThatThrownBy(() -> tensor.setDouble(-1, 0)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.allocate(DType.INT4, 3).getLong(3)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.allocate(DType.STRING, 1).getString(1))
                .isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.allocate(DType.INT8, 0).getLong(0)).hasMessageContaining("allowed none");
    }

    @Test
    void stringsAreExactBytes() {
        byte[][] bytes = {{(byte) 0xFF, 0, (byte) 0xC3}, {}, "grüße 🙂".getBytes(StandardCharsets.UTF_8)};
        Tensor tensor = Tensor.ofUtf8(bytes, 3, 1);
        bytes[0][0] = 1;
        assertThat(tensor.getUtf8(0)).containsExactly(0xFF, 0, 0xC3);
        assertThat(tensor.getString(0)).isEqualTo("\uFFFD\0\uFFFD");
        assertThat(tensor.getString(2)).isEqualTo("grüße 🙂");
        assertThat(tensor.byteSize()).isEqualTo(3 + bytes[2].length);
        assertThat(tensor.copy().getUtf8(0)).containsExactly(0xFF, 0, 0xC3);
        tensor.setString(1, "neu");
        assertThat(tensor.slice(1, 3).toStringArray()).containsExactly("neu", "grüße 🙂");
        tensor.slice(1, 2).setString(0, "x");
        assertThat(tensor.getString(1)).isEqualTo("x");
        assertThat(tensor.slice(1, 2).contentEquals(Tensor.of(new String[] {"x"}, 1, 1)))
                .isTrue();
        assertThat(tensor.contentEquals(Tensor.ofUtf8(bytes, 3, 1))).isFalse();
        assertThatThrownBy(tensor::segment).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> tensor.getDouble(0)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(tensor::toFloatArray).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Tensor.scalar(1f).getString(0))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[]: its type f32 does not fit strings; allowed string");
        assertThatThrownBy(() -> Tensor.scalar(1f).setString(0, "x")).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> tensor.asReadOnly().setString(0, "x")).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void buffersAreReadInTheirOrderAndStayWhereTheyAre() {
        for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
            for (ByteBuffer bytes : List.of(ByteBuffer.allocate(41), ByteBuffer.allocateDirect(41))) {
                // An odd start makes the elements unaligned.
                ByteBuffer odd = bytes.position(1).slice().order(order);
                FloatBuffer floats = odd.asFloatBuffer();
                floats.put(new float[] {1, 2, 3, 4}).flip().position(1);
                Tensor tensor = Tensor.copyOf(floats);
                assertThat(tensor.toFloatArray()).containsExactly(2, 3, 4);
                assertThat(floats.position()).isEqualTo(1);
                assertThat(Tensor.copyOf(floats, 3, 1).dims()).containsExactly(3, 1);
                floats.clear();
                tensor.copyTo(floats);
                assertThat(floats.position()).isEqualTo(3);
                assertThat(floats.get(2)).isEqualTo(4);
                odd.asDoubleBuffer().put(0, 0.1);
                assertThat(Tensor.copyOf(odd.asDoubleBuffer()).getDouble(0)).isEqualTo(0.1);
                odd.asLongBuffer().put(0, -3);
                assertThat(Tensor.copyOf(odd.asLongBuffer().limit(1)).toLongArray())
                        .containsExactly(-3);
                odd.asIntBuffer().put(0, -3);
                assertThat(Tensor.copyOf(odd.asIntBuffer().limit(1)).toIntArray())
                        .containsExactly(-3);
                odd.asShortBuffer().put(0, (short) -3);
                assertThat(Tensor.copyOf(odd.asShortBuffer().limit(1)).toShortArray())
                        .containsExactly((short) -3);
            }
        }
        FloatBuffer readOnly = FloatBuffer.wrap(new float[] {1, 2, 3}).asReadOnlyBuffer();
        assertThat(Tensor.copyOf(readOnly).toFloatArray()).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> Tensor.copyOf(readOnly, 4)).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void elementsGoToBuffersOfTheirType() {
        LongBuffer longs = LongBuffer.allocate(3);
        Tensor.of(new long[] {5, 6}).copyTo(longs);
        assertThat(longs.array()).containsExactly(5, 6, 0);
        DoubleBuffer doubles = DoubleBuffer.allocate(3);
        Tensor.of(new double[] {0.1, -2}).copyTo(doubles);
        assertThat(doubles.position()).isEqualTo(2);
        assertThat(doubles.array()).containsExactly(0.1, -2, 0);
        IntBuffer ints = IntBuffer.allocate(2);
        Tensor.convert(DType.UINT32, new long[] {-1, 6}).copyTo(ints);
        assertThat(ints.array()).containsExactly(-1, 6);
        ShortBuffer shorts = ShortBuffer.allocate(1);
        Tensor.convert(DType.FLOAT16, new double[] {1}).copyTo(shorts);
        assertThat(shorts.array()).containsExactly((short) 0x3C00);
        ByteBuffer bytes = ByteBuffer.allocate(5);
        Tensor.convert(DType.INT4, new long[] {1, 2, 3}).copyTo(bytes);
        assertThat(bytes.position()).isEqualTo(2);
        assertThat(bytes.array()).containsExactly(0x21, 3, 0, 0, 0);
        assertThat(Tensor.copyOf(DType.INT4, bytes.flip(), 3).toLongArray()).containsExactly(1, 2, 3);
        Tensor floats = Tensor.of(new float[3]);
        assertThatThrownBy(() -> floats.copyTo(longs))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[3]: its type f32 does not fit LongBuffer; allowed i64, u64");
        assertThatThrownBy(() -> floats.copyTo(FloatBuffer.allocate(2)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[3]: is copied to a target of 2 elements; allowed writable, 3 elements or more");
        assertThatThrownBy(() -> floats.copyTo(FloatBuffer.allocate(3).asReadOnlyBuffer()))
                .isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> floats.copyTo(ByteBuffer.allocate(12).asReadOnlyBuffer()))
                .isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> floats.copyTo(ByteBuffer.allocate(11))).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void tensorsAndSegmentsAreCopiedBothWays() {
        Tensor source = Tensor.of(new int[] {1, 2, 3, 4}, 2, 2);
        Tensor target = Tensor.allocateNative(DType.INT32, 4);
        source.copyTo(target);
        assertThat(target.toIntArray()).containsExactly(1, 2, 3, 4);
        MemorySegment segment = MemorySegment.ofArray(new byte[20]);
        source.copyTo(segment);
        assertThat(segment.get(ValueLayout.JAVA_INT_UNALIGNED, 12)).isEqualTo(4);
        segment.set(ValueLayout.JAVA_INT_UNALIGNED, 0, 9);
        target.copyFrom(segment);
        assertThat(target.toIntArray()).containsExactly(9, 2, 3, 4);
        target.copyFrom(source);
        assertThat(target.toIntArray()).containsExactly(1, 2, 3, 4);
        assertThatThrownBy(() -> source.copyTo(Tensor.allocate(DType.INT32, 3)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor i32[3]: is given 4 elements; allowed exactly 3");
        assertThatThrownBy(() -> source.copyTo(Tensor.allocate(DType.FLOAT32, 4)))
                .hasMessage("tensor i32[2,2]: meets a tensor of type f32; allowed i32; convert it first");
        assertThatThrownBy(() -> source.copyTo(segment.asReadOnly())).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> target.copyFrom(segment.asSlice(0, 15))).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void overlappingCopiesAreAsIfThroughAnother() {
        Tensor tensor = Tensor.of(new long[] {1, 2, 3, 4});
        tensor.slice(0, 3).copyTo(tensor.slice(1, 4));
        assertThat(tensor.toLongArray()).containsExactly(1, 1, 2, 3);
    }

    @Test
    void viewsShareAndCopiesDoNot() {
        Tensor tensor = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor slice = tensor.slice(1, 3);
        assertThat(slice.dims()).containsExactly(2, 2);
        assertThat(slice.toFloatArray()).containsExactly(3, 4, 5, 6);
        slice.setDouble(0, 9);
        assertThat(tensor.getFloat(2)).isEqualTo(9);
        Tensor flat = tensor.reshape(6);
        flat.setDouble(0, 8);
        assertThat(tensor.getFloat(0)).isEqualTo(8);
        Tensor copy = tensor.copy();
        copy.setDouble(0, 7);
        assertThat(tensor.getFloat(0)).isEqualTo(8);
        assertThat(tensor.slice(3, 3).size()).isZero();
        assertThat(tensor.slice(0, 0).slice(0, 0).dims()).containsExactly(0, 2);
        assertThat(Tensor.allocate(DType.FLOAT32, 4, 0).slice(1, 3).dims()).containsExactly(2, 0);
        assertThatThrownBy(() -> tensor.reshape(5))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[3,2]: can't be reshaped to [5] of 5 elements; allowed shapes of 6 elements");
        assertThatThrownBy(() -> tensor.slice(2, 4))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[3,2]: slice [2, 4); allowed ranges within [0, 3)");
        assertThatThrownBy(() -> Tensor.scalar(1).slice(0, 1)).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void packedSlicesStartAndEndAtBytes() {
        Tensor tensor = Tensor.convert(DType.UINT4, new long[] {1, 2, 3, 4, 5});
        assertThat(tensor.slice(2, 5).toLongArray()).containsExactly(3, 4, 5);
        assertThat(tensor.slice(2, 4).byteSize()).isEqualTo(1);
        assertThatThrownBy(() -> tensor.slice(1, 3))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("slice [1, 3) is not at byte borders; allowed starts and ends at multiples of 2");
        assertThatThrownBy(() -> tensor.slice(0, 3)).isInstanceOf(InvalidTensorException.class);
        assertThat(Tensor.convert(DType.INT2, new long[] {1, 0, -1, -2, 1, 0}, 3, 2)
                        .slice(2, 3)
                        .toLongArray())
                .containsExactly(1, 0);
    }

    @Test
    void paddingDoesNotCount() {
        Tensor a = Tensor.of(DType.UINT4, MemorySegment.ofArray(new byte[] {0x21, 0x03}), 3);
        Tensor b = Tensor.of(DType.UINT4, MemorySegment.ofArray(new byte[] {0x21, 0x73}), 3);
        Tensor c = Tensor.of(DType.UINT4, MemorySegment.ofArray(new byte[] {0x21, 0x74}), 3);
        assertThat(a.contentEquals(b)).isTrue();
        assertThat(b.contentEquals(c)).isFalse();
    }

    @Test
    void contentIsTypeDimensionsAndBits() {
        Tensor a = Tensor.of(new float[] {Float.NaN, 0f});
        assertThat(a.contentEquals(Tensor.of(new float[] {Float.NaN, 0f}))).isTrue();
        assertThat(a.contentEquals(Tensor.of(new float[] {Float.NaN, -0f}))).isFalse();
        assertThat(a.contentEquals(a.reshape(2, 1))).isFalse();
        assertThat(Tensor.of(new int[2]).contentEquals(Tensor.allocate(DType.FLOAT32, 2)))
                .isFalse();
    }

    @Test
    void readOnlyTensorsRefuseEveryWrite() {
        Tensor tensor = Tensor.of(new float[] {1, 2});
        Tensor readOnly = tensor.asReadOnly();
        assertThat(readOnly.isReadOnly()).isTrue();
        assertThat(readOnly.asReadOnly()).isSameAs(readOnly);
        assertThat(readOnly.reshape(2, 1).isReadOnly()).isTrue();
        assertThat(readOnly.slice(0, 1).isReadOnly()).isTrue();
        assertThat(readOnly.copy().isReadOnly()).isFalse();
        tensor.setDouble(0, 5);
        assertThat(readOnly.getFloat(0)).isEqualTo(5);
        assertThatThrownBy(() -> readOnly.setDouble(0, 1))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("tensor f32[2]: is read-only; write to a copy()");
        assertThatThrownBy(() -> readOnly.setBits(0, 1)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> readOnly.copyFrom(tensor)).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> readOnly.copyFrom(tensor.segment())).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> tensor.copyElementTo(0, readOnly, 0)).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void mappedFilesAreReadWhereTheyLie(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("weights");
        ByteBuffer bytes = ByteBuffer.allocate(11).order(ByteOrder.nativeOrder());
        Files.write(file, bytes.putFloat(3, 1.5f).putFloat(7, -2f).array());
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, 11, arena);
            Tensor tensor = Tensor.of(DType.FLOAT32, mapped.asSlice(3), 2);
            assertThat(tensor.isReadOnly()).isTrue();
            assertThat(tensor.isNative()).isTrue();
            assertThat(tensor.toFloatArray()).containsExactly(1.5f, -2f);
            assertThat(tensor.getDouble(1)).isEqualTo(-2);
            assertThat(tensor.contentEquals(Tensor.of(new float[] {1.5f, -2f}))).isTrue();
        }
    }

    @Test
    void mappedFilesAreComparedToTheirLastByte(@TempDir Path folder) throws IOException {
        int size = 200_001;
        byte[] bytes = new byte[size];
        bytes[size - 1] = 1;
        Path file = Files.write(folder.resolve("weights"), bytes);
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            Tensor mapped = Tensor.of(DType.INT8, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena), size);
            Tensor heap = Tensor.of(DType.INT8, MemorySegment.ofArray(bytes), size);
            assertThat(mapped.contentEquals(heap)).isTrue();
            assertThat(heap.contentEquals(mapped)).isTrue();
            assertThat(mapped.contentEquals(mapped)).isTrue();
            for (int at : new int[] {0, 65_535, 65_536, size - 1}) {
                bytes[at] ^= 2;
                assertThat(mapped.contentEquals(heap)).as("byte %d", at).isFalse();
                assertThat(heap.contentEquals(mapped)).as("byte %d", at).isFalse();
                bytes[at] ^= 2;
            }
        }
    }

    @Test
    void textsAreShort() {
        assertThat(Tensor.of(new float[] {0.1f, 0.2f})).hasToString("f32[2] {0.1, 0.2}");
        assertThat(Tensor.scalar(3L)).hasToString("i64[] {3}");
        assertThat(Tensor.allocate(DType.INT8, 3, 4)).hasToString("i8[3,4] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, …}");
        assertThat(Tensor.convert(DType.UINT64, new long[] {-1})).hasToString("u64[1] {18446744073709551615}");
        assertThat(Tensor.of(new boolean[] {true})).hasToString("bool[1] {true}");
        assertThat(Tensor.of(new String[] {"a\"\n"})).hasToString("string[1] {\"a\\\"\\u000a\"}");
        assertThat(Tensor.convert(DType.BFLOAT16, new double[] {0.1})).hasToString("bf16[1] {0.100097656}");
        assertThat(Tensor.scalar(0.1)).hasToString("f64[] {0.1}");
        assertThat(Tensor.allocate(DType.FLOAT32, 0)).hasToString("f32[0] {}");
    }
}
