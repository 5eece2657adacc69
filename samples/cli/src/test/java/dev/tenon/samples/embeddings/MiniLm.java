package dev.tenon.samples.embeddings;

import dev.tenon.Model;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import dev.tenon.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The files of all-MiniLM-L6-v2, and sentences of given lengths. */
enum MiniLm {
    FLOAT32("all-minilm-l6-v2"),
    QUANTIZED("all-minilm-l6-v2-q");

    static final String OUTPUT = "last_hidden_state";
    static final int WIDTH = 384;

    /** Lengths of sentences in tokens, two special tokens included. */
    static final List<Integer> LENGTHS =
            List.of(3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256);

    private static final String[] WORDS = """
        the quick brown fox jumps over a lazy dog while rain falls on an old stone bridge and nobody in the small \
        town of two thousand people knows why its clock has stopped at seven minutes past four , although every \
        engineer who looked at it was sure that nothing is broken : wheels turn , springs hold , oil is fresh . \
        perhaps time itself grew tired there , said one of them , and wrote a long report about 37 causes that can \
        be excluded , from magnetism to bad temper of pigeons . others measured , computed and predicted ; they \
        trained models on years of data and found that bread prices rise when swallows leave\
        """.split("\\s+");

    private final String name;

    MiniLm(String name) {
        this.name = name;
    }

    Path file() {
        return find(MiniLmFiles.of(name).model());
    }

    Model load() {
        return Model.load(file());
    }

    Tokenizer tokenizer() {
        MiniLmFiles files = MiniLmFiles.of(name);
        find(files.tokenizer());
        return files.loadTokenizer();
    }

    private static Path find(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new IllegalStateException(path.toAbsolutePath()
                    + " is missing: the phase generate-resources unpacks it, -Dtenon.models says where");
        }
        return path;
    }

    /** A different sentence for each length. */
    static List<String> sentences(Tokenizer tokenizer, List<Integer> lengths) {
        List<String> sentences = new ArrayList<>();
        for (int length : lengths) {
            sentences.add(sentence(tokenizer, length, 11 * sentences.size()));
        }
        return sentences;
    }

    private static String sentence(Tokenizer tokenizer, int length, int start) {
        String text = "";
        int word = start;
        int tokens = tokenizer.encode(text).length();
        while (tokens < length) {
            String longer = text + (text.isEmpty() ? "" : " ") + WORDS[word++ % WORDS.length];
            int more = tokenizer.encode(longer).length();
            if (more <= length) {
                text = longer;
                tokens = more;
            }
        }
        return text;
    }

    static Map<String, Tensor> inputs(Batch batch) {
        return batch.tensors(List.of("input_ids", "attention_mask", "token_type_ids"));
    }
}
