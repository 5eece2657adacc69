package dev.tenon.formats.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyRowsTest {
    private static final Tensor ARRAY =
            Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, 5, 2, 2);

    @TempDir
    private Path folder;

    private Path file(Tensor tensor) {
        Path file = folder.resolve("x.npy");
        Npy.write(file, tensor);
        return file;
    }

    private static void isInParts(NpyRows rows, Tensor expected) {
        try (rows) {
            assertThat(rows.dtype()).isEqualTo(expected.dtype());
            assertThat(rows.dims()).isEqualTo(expected.dims());
            assertThat(rows.rows()).isEqualTo(5);
            assertThat(rows.next(2).contentEquals(expected.slice(0, 2))).isTrue();
            assertThat(rows.next(0).size()).isZero();
            assertThat(rows.remaining()).isEqualTo(3);
            assertThat(rows.next(3).contentEquals(expected.slice(2, 5))).isTrue();
            assertThatThrownBy(() -> rows.next(1)).isInstanceOf(MalformedModelException.class);
        }
    }

    @Test
    void rowsOfAFileInParts() {
        isInParts(NpyRows.open(file(ARRAY)), ARRAY);
    }

    /** The bytes of an array with another header of the same length. */
    private static byte[] with(Tensor tensor, String from, String to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Npy.write(out, tensor);
        String text = out.toString(StandardCharsets.ISO_8859_1);
        assertThat(text).contains(from);
        return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static NpyRows open(byte[] bytes, long size) {
        return NpyRows.open("entry", new ByteArrayInputStream(bytes), size, Limits.standard());
    }

    @Test
    void rowsInFortranOrder() {
        Tensor stored = Tensor.allocate(DType.FLOAT32, 20);
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 2; j++) {
                for (int k = 0; k < 2; k++) {
                    stored.setDouble(i + 5 * j + 10 * k, ARRAY.getDouble(4 * i + 2 * j + k));
                }
            }
        }
        byte[] bytes = with(stored.reshape(5, 2, 2), "False", "True ");
        isInParts(open(bytes, bytes.length), ARRAY);
        isInParts(open(bytes, -1), ARRAY);
        byte[] cut = Arrays.copyOf(bytes, bytes.length - 4);
        assertThatThrownBy(() -> open(cut, -1)).isInstanceOf(MalformedModelException.class);
    }

    @Test
    void rowsOfTheOtherByteOrder() {
        ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < 5; i++) {
            data.putInt(i - 2);
        }
        Tensor raw = Tensor.of(new int[5]);
        raw.segment().copyFrom(MemorySegment.ofArray(data.array()));
        byte[] bytes = with(raw, "<i4", ">i4");
        isInParts(open(bytes, bytes.length), Tensor.of(new int[] {-2, -1, 0, 1, 2}));
    }

    @Test
    void textsAndScalars() {
        isInParts(
                NpyRows.open(file(Tensor.of(new String[] {"a", "bb", "", "dé", "e"}))),
                Tensor.of(new String[] {"a", "bb", "", "dé", "e"}));
        try (NpyRows scalar = NpyRows.open(file(Tensor.scalar(7)))) {
            assertThat(scalar.rows()).isOne();
            assertThat(scalar.next(1).contentEquals(Tensor.scalar(7))).isTrue();
        }
    }

    @Test
    void aFileThatIsCutOffOrTooLongIsFoundAtOnce() throws Exception {
        Path file = file(ARRAY);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(() -> NpyRows.open(file))
                .isInstanceOf(MalformedModelException.class)
                .hasMessageContaining("79 bytes of data")
                .hasMessageContaining("80 bytes");
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
        assertThatThrownBy(() -> NpyRows.open(file)).isInstanceOf(MalformedModelException.class);
        assertThatThrownBy(() -> NpyRows.open(folder.resolve("none.npy"))).isInstanceOf(ModelFileException.class);
        try (NpyRows rows = open(Arrays.copyOf(bytes, bytes.length - 1), -1)) {
            rows.next(4);
            assertThatThrownBy(() -> rows.next(1)).isInstanceOf(MalformedModelException.class);
        }
    }

    @Test
    void theStreamIsClosedIfItIsNoArray() {
        boolean[] closed = {false};
        InputStream stream = new ByteArrayInputStream(new byte[100]) {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        assertThatThrownBy(() -> NpyRows.open("entry", stream, -1, Limits.standard()))
                .isInstanceOf(TenonException.class);
        assertThat(closed[0]).isTrue();
    }

    @Test
    void manyRowsTakeTheMemoryOfOnePart() {
        long rows = 5_000_000;
        InputStream zeros = new InputStream() {
            private final byte[] header = with(Tensor.of(new double[1], 1, 1), "(1, 1), }       ", "(5000000, 64), }");
            private int at;

            @Override
            public int read() {
                return at < header.length ? header[at++] & 0xFF : 0;
            }

            @Override
            public int read(byte[] buffer, int from, int length) {
                if (at < header.length) {
                    buffer[from] = (byte) read();
                    return 1;
                }
                Arrays.fill(buffer, from, from + length, (byte) 0);
                return length;
            }
        };
        try (NpyRows array = NpyRows.open("entry", zeros, -1, Limits.standard())) {
            assertThat(array.dims()).containsExactly(rows, 64);
            // 2.5 GB in all, which an array of Java can't hold.
            for (int i = 0; i < 50; i++) {
                assertThat(array.next(100).dims()).containsExactly(100, 64);
            }
            assertThat(array.remaining()).isEqualTo(rows - 5000);
        }
    }
}
