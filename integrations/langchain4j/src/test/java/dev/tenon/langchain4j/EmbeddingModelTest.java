package dev.tenon.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.tenon.Model;
import dev.tenon.embedding.Pooling;
import dev.tenon.embedding.TextEmbedder;
import dev.tenon.text.Tokenizer;
import dev.tenon.text.TokenizerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The model beside the one that LangChain4j runs on ONNX Runtime, with the same weights. */
@Tag("vector")
class EmbeddingModelTest {
    private static final double LEAST_COSINE = 0.99999;
    private static final TenonEmbeddingModel TENON = model();
    private static final EmbeddingModel PEER = new AllMiniLmL6V2EmbeddingModel();

    /** Long texts are embedded in rows, as the peer does. */
    private static TenonEmbeddingModel model() {
        Path folder = Path.of(System.getProperty("tenon.models", "target/models"));
        Tokenizer tokenizer = Tokenizer.load(
                folder.resolve("all-minilm-l6-v2-tokenizer.json"),
                TokenizerOptions.standard().maxLength(512));
        TextEmbedder embedder = TextEmbedder.of(
                Model.load(folder.resolve("all-minilm-l6-v2.onnx")).session(), tokenizer, Pooling.MEAN);
        return new TenonEmbeddingModel(embedder.windows(0), "all-minilm-l6-v2");
    }

    private static List<TextSegment> texts() {
        List<TextSegment> texts = new ArrayList<>(Texts.texts(60));
        for (String text : List.of(
                "a",
                "Grüße aus Köln — ça va? Ωmega, Привет, 你好, こんにちは, 안녕하세요",
                "emoji \uD83D\uDE00 \uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67 and\ttabs\nand lines",
                "[CLS] is a special token, supercalifragilisticexpialidocious is a long word, 3.14159 a number")) {
            texts.add(TextSegment.from(text));
        }
        return texts;
    }

    @Test
    void embeddingsAreThoseOfThePeer() {
        List<TextSegment> texts = texts();
        Response<List<Embedding>> ours = TENON.embedAll(texts);
        Response<List<Embedding>> theirs = PEER.embedAll(texts);
        assertThat(Texts.leastCosine(ours.content(), theirs.content())).isGreaterThanOrEqualTo(LEAST_COSINE);
        assertThat(ours.tokenUsage().inputTokenCount())
                .isEqualTo(theirs.tokenUsage().inputTokenCount());
        assertThat(TENON.dimension()).isEqualTo(PEER.dimension());
        for (Embedding embedding : ours.content()) {
            assertThat(embedding.vector()).hasSize(TENON.dimension());
        }
    }

    /** A text of two rows that hold the same tokens has the vector of one of them. */
    @Test
    void aLongTextIsTheMeanOfItsRows() {
        int tokensOfARow = 510;
        String row = "river ".repeat(tokensOfARow).strip();
        Embedding one = TENON.embed(row).content();
        Embedding two = TENON.embed(row + " " + row).content();
        Embedding other = TENON.embed(row + " " + row.replace("river", "bread")).content();
        assertThat(Texts.leastCosine(List.of(two), List.of(one))).isGreaterThanOrEqualTo(LEAST_COSINE);
        assertThat(Texts.leastCosine(List.of(other), List.of(one))).isBetween(0.1, 0.99);
    }

    @Test
    void aTextHasTheSameVectorAloneAndAmongOthers() {
        List<TextSegment> texts = texts();
        List<Embedding> together = TENON.embedAll(texts).content();
        List<Embedding> alone = new ArrayList<>();
        texts.forEach(text -> alone.add(TENON.embed(text).content()));
        assertThat(Texts.leastCosine(together, alone)).isGreaterThanOrEqualTo(LEAST_COSINE);
        assertThat(TENON.embedAll(List.of()).content()).isEmpty();
    }
}
