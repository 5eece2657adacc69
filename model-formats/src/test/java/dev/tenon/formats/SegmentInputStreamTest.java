package dev.tenon.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentInputStreamTest {
    private static final byte[] BYTES = new byte[100_000];

    static {
        new Random(7).nextBytes(BYTES);
    }

    @TempDir
    private Path folder;

    private static SegmentInputStream stream(byte[] bytes) {
        return new SegmentInputStream("bytes", MemorySegment.ofArray(bytes));
    }

    @Test
    void givesAllBytesInOrder() throws IOException {
        assertThat(stream(BYTES).readAllBytes()).isEqualTo(BYTES);
        SegmentInputStream in = stream(BYTES);
        assertThat(in.read()).isEqualTo(BYTES[0] & 0xFF);
        byte[] part = new byte[10];
        assertThat(in.read(part, 2, 3)).isEqualTo(3);
        assertThat(part).containsExactly(0, 0, BYTES[1], BYTES[2], BYTES[3], 0, 0, 0, 0, 0);
        assertThat(in.read(new byte[0])).isZero();
        assertThat(in.readAllBytes()).hasSize(BYTES.length - 4);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read(part)).isEqualTo(-1);
        assertThat(stream(new byte[0]).read()).isEqualTo(-1);
    }

    @Test
    void aPlaceOutsideTheBufferIsRefused() {
        assertThatThrownBy(() -> stream(BYTES).read(new byte[4], 2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** The JVM may raise the error of an access late, when the code is compiled. */
    @Test
    void aFileThatShrinksIsATypedExceptionEveryTime() throws IOException {
        byte[] block = new byte[512];
        for (int i = 0; i < 300; i++) {
            SegmentInputStream whole = stream(BYTES);
            int read = 0;
            for (int n = whole.read(block); n > 0; n = whole.read(block)) {
                read += n;
            }
            assertThat(read).isEqualTo(BYTES.length);
        }
        for (int i = 0; i < 100; i++) {
            Path file = Files.write(folder.resolve("shrinks"), BYTES);
            MemorySegment mapped = ModelBytes.map(file, Limits.standard()).segment();
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(10);
            }
            SegmentInputStream in = new SegmentInputStream("weights of 'm'", mapped.asSlice(8192));
            assertThatThrownBy(() -> in.read(block))
                    .isInstanceOf(MalformedModelException.class)
                    .hasMessageContaining("weights of 'm': the file got shorter");
        }
    }
}
