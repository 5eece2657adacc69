package dev.tenon.samples.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.samples.embeddings.TokenRows;
import dev.tenon.text.Encoding;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A scoring model in this process: a cross-encoder reads query and text together, and its first output is a number for each pair.
 * Safe for any number of threads, virtual ones too.
 */
public final class TenonScoringModel implements ScoringModel {
    private final Tokenizer tokenizer;
    private final TokenRows rows;

    /**
     * Makes a model.
     *
     * @param session a session of a cross-encoder
     * @param tokenizer its tokenizer
     * @param maxTokens the most tokens of a pair; longer texts are cut
     */
    public TenonScoringModel(Session session, Tokenizer tokenizer, int maxTokens) {
        this.tokenizer =
                tokenizer.with(TokenizerOptions.standard().maxLength(maxTokens).padding(Padding.none()));
        this.rows = new TokenRows(session);
    }

    /**
     * Loads a model.
     *
     * @param model a cross-encoder, in the format ONNX
     * @param tokenizer its tokenizer.json
     * @param maxTokens the most tokens of a pair; longer texts are cut
     * @return the model
     */
    public static TenonScoringModel load(Path model, Path tokenizer, int maxTokens) {
        return new TenonScoringModel(Model.load(model).session(), Tokenizer.load(tokenizer), maxTokens);
    }

    /** {@inheritDoc} Scores are the numbers that the model gives, which it was trained to order. */
    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        List<Encoding> pairs =
                segments.stream().map(s -> tokenizer.encode(query, s.text())).toList();
        double[] scores = new double[pairs.size()];
        rows.run(pairs, (taken, batch, output) -> {
            long each = output.size() / taken.length;
            for (int i = 0; i < taken.length; i++) {
                scores[taken[i]] = output.getDouble(i * each);
            }
        });
        int tokens = pairs.stream().mapToInt(Encoding::length).sum();
        return Response.from(Arrays.stream(scores).boxed().toList(), new TokenUsage(tokens));
    }
}
