package dev.tenon.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.formats.onnx.writing.ExternalDataFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Only regular files are replaced: pipes and links stay what they are. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no mkfifo, and no links for everyone")
class AtomicFileTest {
    private static final byte[] OLD = {9};

    @TempDir
    private Path folder;

    private static void write(Path path, byte[] content) {
        AtomicFile.write(path, channel -> {
            // Some contents are written in any order.
            channel.write(
                    ByteBuffer.wrap(content, content.length / 2, content.length - content.length / 2),
                    content.length / 2);
            channel.write(ByteBuffer.wrap(content, 0, content.length / 2), 0);
        });
    }

    private static byte[] content(int bytes) {
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) (i * 31 >> 3);
        }
        return content;
    }

    private Path pipe() throws IOException, InterruptedException {
        Path pipe = folder.resolve("pipe");
        Process made = new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start();
        assertThat(made.waitFor()).isZero();
        return pipe;
    }

    private void onlyHas(String... names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder(names);
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void aPipeIsWrittenToAndStays() throws Exception {
        Path pipe = pipe();
        byte[] content = content(300_000);
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<byte[]> read = threads.submit(() -> Files.readAllBytes(pipe));
            write(pipe, content);
            assertThat(read.get()).isEqualTo(content);
            Future<byte[]> made = threads.submit(() -> Files.readAllBytes(pipe));
            AtomicFile.make(pipe, ".onnx", part -> Files.write(part, OLD));
            assertThat(made.get()).isEqualTo(OLD);
        }
        assertThat(Files.readAttributes(pipe, BasicFileAttributes.class).isOther())
                .isTrue();
        onlyHas("pipe");
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void aPipeWhoseReaderGoesIsATypedException() throws Exception {
        Path pipe = pipe();
        try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<Integer> read = threads.submit(() -> {
                try (InputStream in = Files.newInputStream(pipe)) {
                    return in.read();
                }
            });
            byte[] content = content(10_000_000);
            assertThatThrownBy(() -> write(pipe, content)).isInstanceOf(ModelFileException.class);
            read.get();
        }
        onlyHas("pipe");
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void aModelOfTwoFilesNeedsARegularOne() throws Exception {
        Path pipe = pipe();
        assertThatThrownBy(() -> AtomicFile.make(pipe, ".onnx", part -> {
                    Files.write(part, OLD);
                    Files.write(part.resolveSibling(part.getFileName() + ".data"), OLD);
                }))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("second file");
        assertThatThrownBy(() -> ExternalDataFile.beside(pipe).write(null, channel -> {}))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("second file");
        onlyHas("pipe");
    }

    @Test
    void aLinkStaysAndItsFileIsReplacedOrMade() throws IOException {
        Path file = Files.write(Files.createDirectory(folder.resolve("models")).resolve("6.onnx"), OLD);
        Path link = Files.createSymbolicLink(folder.resolve("current"), Path.of("models", "6.onnx"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("current"));
        write(second, content(10));
        assertThat(Files.readAllBytes(file)).isEqualTo(content(10));
        // Its file does not exist yet.
        Files.delete(file);
        write(second, content(20));
        assertThat(Files.readAllBytes(file)).isEqualTo(content(20));
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Files.isSymbolicLink(second)).isTrue();
        onlyHas("models", "current", "second");
    }

    @Test
    void linksInACircleAndFoldersAreRefused() throws IOException {
        Path one = folder.resolve("one");
        Path two = Files.createSymbolicLink(folder.resolve("two"), one);
        Files.createSymbolicLink(one, two);
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> write(one, OLD)).isInstanceOf(ModelFileException.class);
        assertThatThrownBy(() -> write(empty, OLD))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("a folder");
        onlyHas("one", "two", "empty");
    }
}
