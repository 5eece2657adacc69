package dev.tenon.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import dev.tenon.testkit.Texts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers of published models, and ones that SentencePiece trains, on texts in 23 scripts: all as the reference says. */
class RealTokenizersTest {
    private static final long SEED = Long.getLong("tenon.text.seed", 20261129L);
    private static final int TEXTS = Exhaustive.isOn() ? 10_000 : 2000;
    private static final int TRAINING_TEXTS = 3000;
    private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

    @TempDir
    private static Path folder;

    @Test
    void wordPiece(TestReporter reporter) {
        compare(TokenizerModels.miniLm(), reporter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "qwen3", "internlm2"})
    void bytePairs(String name, TestReporter reporter) {
        Path file = TokenizerModels.folder().resolve(name + "-tokenizer.json");
        TestData.fetched(file);
        compare(file, reporter);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "bytes"})
    void unigram(String fallback, TestReporter reporter) throws IOException, InterruptedException {
        String python = python();
        TestData.needs(python != null, "no python3-sentencepiece: install Debian's package", "tenon.ci");
        List<String> sentences = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < TRAINING_TEXTS; i++) {
            sentences.add(
                    Texts.wellFormed(Scripts.text(random, i % Scripts.count())).replaceAll("[\\p{C}\\s]+", " "));
        }
        Path corpus = Files.write(folder.resolve("corpus.txt"), sentences);
        Path script = folder.resolve("train.py");
        try (InputStream in = RealTokenizersTest.class.getResourceAsStream("train-unigram.py")) {
            Files.write(script, in.readAllBytes());
        }
        Path target = folder.resolve(fallback + ".json");
        run(List.of(python, script.toString(), corpus.toString(), target.toString(), "6000", fallback));
        compare(target, reporter);
    }

    private static String python() throws IOException, InterruptedException {
        for (String python : PYTHONS) {
            boolean isPath = python.startsWith("/");
            if ((!isPath || Files.isExecutable(Path.of(python))) && started(python)) {
                return python;
            }
        }
        return null;
    }

    private static boolean started(String python) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(python, "-c", "import sentencepiece")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return ended(process) && process.exitValue() == 0;
        } catch (IOException notThere) {
            return false;
        }
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(ended(process)).as("SentencePiece ends").isTrue();
        String written = new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(written).isZero();
    }

    private static boolean ended(Process process) throws InterruptedException {
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly();
        }
        return ended;
    }

    private static void compare(Path file, TestReporter reporter) {
        reporter.publishEntry("seed", String.valueOf(SEED));
        Random random = new Random(SEED);
        List<String> texts = new ArrayList<>(Texts.all());
        texts.addAll(Scripts.texts(random, TEXTS));
        Tokenizer ours = Tokenizer.load(file);
        try (HuggingFaceOracle oracle = HuggingFaceOracle.of(file)) {
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                Encoding encoding = ours.encode(text);
                Agreement.check(text, encoding, oracle.encode(Texts.wellFormed(text)));
                if (i % 8 == 0) {
                    assertThat(ours.decode(encoding.ids(), false))
                            .as(() -> Texts.escaped(text))
                            .isEqualTo(encoding.length() == 0 ? "" : oracle.decode(encoding.ids(), false));
                    String second = Texts.wellFormed(texts.get(random.nextInt(texts.size())));
                    String first = Texts.wellFormed(text);
                    Agreement.check(first, second, ours.encode(first, second), oracle.encode(first, second));
                }
            }
        }
    }
}
