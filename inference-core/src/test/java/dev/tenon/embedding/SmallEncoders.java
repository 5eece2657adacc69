package dev.tenon.embedding;

import dev.tenon.SaveOptions;
import dev.tenon.fixtures.SmallModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;

/** Small encoders of random numbers, and the files that sentence-transformers would save beside them. */
final class SmallEncoders {
    /** One that every version of ONNX Runtime of the last years reads. */
    private static final int OPERATOR_SET = 17;

    static final int WIDTH = 8;

    /** The token that fills rows is not the first: whoever fills with another one changes the sums of the models. */
    private static final List<String> WORDS = List.of(
            "[CLS]", "[PAD]", "[SEP]", "[UNK]", "query", "passage", ":", "alpha", "Alpha", "beta", "gamma", "delta",
            "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "omicron", "pi", "rho",
            "sigma", "tau", "upsilon", "phi", "chi");

    /** Vectors of words and types, changed by their mean and by the number of tokens with id 0. */
    private static final String STATES = """
          %words = const f32[30,8] @w30x8
          %types = const f32[2,8] @w2x8
          %square = const f32[8,8] @w8x8
          %line = const f32[8] @w8
          %zero = const i64[] {0}
          %one = const i64[1] {1}
          %two = const i64[1] {2}
          %w = Gather<axis=0>(%words, %input_ids)
          %s = Gather<axis=0>(%types, %token_type_ids)
          %h = Add(%w, %s)
          %m1 = Cast<to=1>(%attention_mask)
          %m = Unsqueeze(%m1, %two)
          %hm = Mul(%h, %m)
          %sum = ReduceSum<keepdims=1>(%hm, %one)
          %n = ReduceSum<keepdims=1>(%m, %one)
          %mean = Div(%sum, %n)
          %mixed = MatMul(%mean, %square)
          %both = Add(%h, %mixed)
          %first = Equal(%input_ids, %zero)
          %f1 = Cast<to=1>(%first)
          %f2 = ReduceSum<keepdims=1>(%f1, %one)
          %f3 = Unsqueeze(%f2, %two)
          %f4 = Mul(%f3, %line)
          %all = Add(%both, %f4)
          %y = Tanh(%all)
        """;

    private static final String INPUTS =
            "(%input_ids: i64[n,t], %attention_mask: i64[n,t], %token_type_ids: i64[n,t]) {\n";

    private SmallEncoders() {}

    /** A graph of the states, with more lines. */
    static String graph(String more) {
        return "graph encoder" + INPUTS + STATES + more + "}\n";
    }

    static String embedder() {
        return graph("return last_hidden_state=%y\n");
    }

    /** The states are pooled by the model. */
    static String pooledEmbedder() {
        return graph("""
              %ym = Mul(%y, %m)
              %ys = ReduceSum<keepdims=0>(%ym, %one)
              return sentence_embedding=%ys
            """);
    }

    /** A model without attention mask and type ids, whose states depend on all tokens. */
    static String unmasked() {
        return """
            graph encoder(%input_ids: i64[n,t]) {
              %words = const f32[30,8] @w30x8
              %one = const i64[1] {1}
              %w = Gather<axis=0>(%words, %input_ids)
              %sum = ReduceSum<keepdims=1>(%w, %one)
              %y = Add(%w, %sum)
              return last_hidden_state=%y
            }
            """;
    }

    /** A cross-encoder with some labels. */
    static String crossEncoder(int labels) {
        return graph("""
              %%ym = Mul(%%y, %%m)
              %%ys = ReduceSum<keepdims=0>(%%ym, %%one)
              %%last = const f32[8,%1$d] @w8x%1$d
              %%logits = MatMul(%%ys, %%last)
              return logits=%%logits
            """.formatted(labels));
    }

    static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void save(String graph, Path file) {
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SmallModels.model(graph).save(file, SaveOptions.standard().operatorSet(OPERATOR_SET));
    }

    /** Writes the tokenizer and its settings. */
    static void tokenizer(Path folder) {
        StringJoiner vocabulary = new StringJoiner(",");
        StringJoiner added = new StringJoiner(",");
        for (int i = 0; i < WORDS.size(); i++) {
            vocabulary.add("\"" + WORDS.get(i) + "\":" + i);
            if (WORDS.get(i).startsWith("[")) {
                added.add(("{\"id\":%d,\"content\":\"%s\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                                + "\"normalized\":false,\"special\":true}")
                        .formatted(i, WORDS.get(i)));
            }
        }
        write(folder.resolve("tokenizer.json"), """
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[%s],"normalizer":null,
             "pre_tokenizer":{"type":"BertPreTokenizer"},
             "post_processor":{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",0]},
             "decoder":null,
             "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
                      "max_input_chars_per_word":100,"vocab":{%s}}}
            """.formatted(added, vocabulary));
        write(
                folder.resolve("tokenizer_config.json"),
                "{\"pad_token\":{\"content\":\"[PAD]\",\"special\":true},"
                        + "\"model_max_length\":1000000000000000019884624838656}");
    }

    /** Writes the list of modules; some in another form than the first versions of the library have. */
    static void modules(Path folder, String... types) {
        StringJoiner all = new StringJoiner(",", "[", "]");
        for (int i = 0; i < types.length; i++) {
            String type = types[i].contains(".") ? types[i] : "sentence_transformers.models." + types[i];
            String path = i == 0 ? "" : i + "_" + types[i].substring(types[i].lastIndexOf('.') + 1);
            all.add("{\"idx\":%1$d,\"name\":\"%1$d\",\"path\":\"%2$s\",\"type\":\"%3$s\"}".formatted(i, path, type));
        }
        write(folder.resolve("modules.json"), all.toString());
    }

    /** Writes the settings of a pooling in the form with a flag for each mode. */
    static void pooling(Path folder, int width, String... modes) {
        StringJoiner json = new StringJoiner(",", "{", "}").add("\"word_embedding_dimension\":" + width);
        for (String mode : List.of(
                "cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")) {
            json.add("\"pooling_mode_" + mode + "\":" + List.of(modes).contains(mode));
        }
        write(folder.resolve("1_Pooling/config.json"), json.toString());
    }

    /** A folder with all that an embedder needs: mean pooling, vectors of length 1. */
    static Path folder(Path folder, String graph) {
        tokenizer(folder);
        save(graph, folder.resolve("onnx/model.onnx"));
        modules(folder, "Transformer", "Pooling", "Normalize");
        pooling(folder, WIDTH, "mean_tokens");
        return folder;
    }

    /** Texts of words of the vocabulary and others, of many lengths. */
    static List<String> texts(long seed, int count, int longest) {
        Random random = new Random(seed);
        return random.ints(count, 0, longest + 1)
                .mapToObj(length -> text(random, length))
                .toList();
    }

    static String text(Random random, int words) {
        StringJoiner text = new StringJoiner(" ");
        for (int i = 0; i < words; i++) {
            text.add(random.nextInt(20) == 0 ? "unknown" : WORDS.get(4 + random.nextInt(WORDS.size() - 4)));
        }
        return text.toString();
    }
}
