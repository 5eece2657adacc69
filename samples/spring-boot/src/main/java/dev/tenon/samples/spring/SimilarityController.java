package dev.tenon.samples.spring;

import dev.tenon.Outputs;
import dev.tenon.serving.versions.Models;
import dev.tenon.spring.boot.TenonProperties;
import dev.tenon.tensor.Tensor;
import dev.tenon.text.Batch;
import dev.tenon.text.Padding;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Path;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Compares two sentences by the model "minilm". */
@RestController
class SimilarityController {
    private static final String MODEL = "minilm";
    private static final int MAX_TOKENS = 256;
    private static final int MAX_CHARACTERS = 10_000;

    /**
     * The answer.
     *
     * @param cosine how near the sentences are: 1 for the same meaning, about 0 for none in common
     * @param version the version of the model
     */
    record Similarity(double cosine, String version) {}

    private final Models models;
    private final TenonProperties properties;
    private final Tokenizer tokenizer;

    SimilarityController(Models models, TenonProperties properties, @Value("${demo.tokenizer}") Path tokenizer) {
        this.models = models;
        this.properties = properties;
        this.tokenizer = Tokenizer.load(
                tokenizer, TokenizerOptions.standard().maxLength(MAX_TOKENS).padding(Padding.longest()));
    }

    @GetMapping("/similarity")
    Similarity similarity(@RequestParam String a, @RequestParam String b) {
        if (a.isBlank() || b.isBlank() || a.length() + b.length() > MAX_CHARACTERS) {
            throw new ResponseStatusException(
                    HttpStatus.BAD_REQUEST,
                    "a and b are two sentences of at most " + MAX_CHARACTERS + " characters together");
        }
        Batch batch = tokenizer.encodeBatch(List.of(a, b));
        Models.Answer answer = models.answer(
                MODEL, batch.tensors(List.of("input_ids", "attention_mask", "token_type_ids")), properties.call());
        return new Similarity(cosine(answer.outputs(), batch), answer.version());
    }

    private static double cosine(Outputs outputs, Batch batch) {
        Tensor hidden = outputs.tensor("last_hidden_state");
        float[] states = hidden.toFloatArray();
        int width = Math.toIntExact(hidden.dim(2));
        double[][] sums = new double[2][width];
        for (int at = 0; at < 2 * batch.tokens(); at++) {
            if (batch.attentionMask()[at] != 0) {
                for (int i = 0; i < width; i++) {
                    sums[at / batch.tokens()][i] += states[at * width + i];
                }
            }
        }
        double product = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int i = 0; i < width; i++) {
            product += sums[0][i] * sums[1][i];
            squaresOfA += sums[0][i] * sums[0][i];
            squaresOfB += sums[1][i] * sums[1][i];
        }
        return product / Math.sqrt(squaresOfA * squaresOfB);
    }
}
