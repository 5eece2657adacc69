package dev.tenon.benchmarks.decoder;

import dev.tenon.benchmarks.decoder.RandomDecoder.Mixture;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A decoder in one mixture of types, with a name such as {@code qwen2.5-0.5b-q4_0}.
 *
 * @param decoder its shape
 * @param mixture the types of its matrices
 */
record DecoderCase(RandomDecoder decoder, Mixture mixture) {
    /** {@return the cases of all real shapes} */
    static List<DecoderCase> all() {
        return Arrays.stream(RandomDecoder.values())
                .filter(RandomDecoder::isReal)
                .flatMap(DecoderCase::of)
                .toList();
    }

    private static Stream<DecoderCase> of(RandomDecoder decoder) {
        return decoder.mixtures().stream().map(mixture -> new DecoderCase(decoder, mixture));
    }

    /**
     * Finds cases.
     *
     * @param names their names; none stands for all of real shapes
     * @return the cases, in the order of the names
     * @throws IllegalArgumentException if there is no such case
     */
    static List<DecoderCase> of(List<String> names) {
        if (names.isEmpty()) {
            return all();
        }
        List<DecoderCase> found = new ArrayList<>();
        for (String name : names) {
            found.add(Arrays.stream(RandomDecoder.values())
                    .flatMap(DecoderCase::of)
                    .filter(c -> c.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("decoder '" + name + "': there are "
                            + all().stream().map(DecoderCase::name).toList())));
        }
        return found;
    }

    String name() {
        return decoder.title() + "-" + mixture.name().toLowerCase(Locale.ROOT);
    }

    long weightBytes() {
        return decoder.weightBytes(mixture);
    }

    double operations(int tokens) {
        return decoder.operations(mixture, tokens);
    }

    /**
     * The file, which is written if it is missing.
     *
     * @param folder where such files are kept
     * @param progress is told what is written
     * @return the file
     * @throws IOException if the folder can't be made
     */
    Path file(Path folder, PrintStream progress) throws IOException {
        Path file = folder.resolve("random-" + name() + ".gguf");
        if (!Files.isRegularFile(file)) {
            progress.println("writing " + file);
            Files.createDirectories(folder);
            decoder.write(mixture, file);
        }
        return file;
    }
}
