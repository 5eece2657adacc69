package dev.tenon.serving.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.serving.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints at places that are no regular files. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no mkfifo, and no links for everyone")
class CheckpointTest {
    @TempDir
    private Path folder;

    @Test
    void aLinkStaysAndItsFileIsReplaced() throws IOException {
        Path file = folder.resolve("file");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        new Checkpoint(link).write(7);
        new Checkpoint(link).write(8);
        assertThat(link).isSymbolicLink();
        assertThat(new Checkpoint(file).read()).isEqualTo(8);
    }

    /** Reading it would wait for ever. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void aPipeIsRefused() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString())
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        assertThatThrownBy(() -> new Checkpoint(pipe).read())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("not a regular file");
    }
}
