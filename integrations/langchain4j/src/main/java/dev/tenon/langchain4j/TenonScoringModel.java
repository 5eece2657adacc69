package dev.tenon.langchain4j;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.langchain4j.model.scoring.ScoringModel;
import dev.tenon.embedding.CrossEncoder;
import dev.tenon.embedding.Scores;
import java.nio.file.Path;
import java.util.List;

/**
 * A scoring model in this process: a cross-encoder reads query and text together, and gives a number for each pair.
 * Safe for any number of threads.
 */
public final class TenonScoringModel implements ScoringModel {
    private final CrossEncoder encoder;

    /**
     * Makes a model.
     *
     * @param encoder scores texts
     */
    public TenonScoringModel(CrossEncoder encoder) {
        this.encoder = encoder;
    }

    /**
     * Loads a model.
     *
     * @param folder a folder that sentence-transformers saved, with the model in the format ONNX
     * @return the model
     * @throws dev.tenon.error.TenonException if the folder has no such model
     */
    public static TenonScoringModel load(Path folder) {
        return new TenonScoringModel(CrossEncoder.load(folder));
    }

    @Override
    public Response<List<Double>> scoreAll(List<TextSegment> segments, String query) {
        Scores scores =
                encoder.score(query, segments.stream().map(TextSegment::text).toList());
        return Response.from(scores.values(), new TokenUsage(scores.tokens()));
    }
}
