package dev.tenon.samples.langchain4j;

import dev.langchain4j.data.document.Document;
import dev.langchain4j.data.document.splitter.DocumentSplitters;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.rag.query.Query;
import dev.langchain4j.store.embedding.EmbeddingStoreIngestor;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import dev.tenon.langchain4j.TenonEmbeddingModel;
import dev.tenon.samples.embeddings.MiniLmFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * The search of a retrieval-augmented generation: it splits a document, embeds its parts, finds those that answer a question,
 * and prints the prompt that a language model would get. No language model is called.
 */
public final class SearchMain {
    private static final int MAX_TOKENS = 512;
    private static final int PART_CHARACTERS = 300;
    private static final int RESULTS = 2;
    private static final List<String> QUESTIONS =
            List.of("Why did the clock stop?", "When do the ferries run?", "What may I not feed to the swans?");

    private SearchMain() {}

    /**
     * Answers questions about a town that does not exist.
     *
     * @param args questions, or {@code --compare} and a number of texts, to measure the model beside LangChain4j's own
     */
    public static void main(String[] args) {
        TenonEmbeddingModel model = model();
        if (args.length > 0 && args[0].equals("--compare")) {
            new Comparison(model).print(args.length > 1 ? Integer.parseInt(args[1]) : 1_000, System.out);
            return;
        }
        EmbeddingStoreContentRetriever retriever = retriever(model);
        for (String question : args.length == 0 ? QUESTIONS : Arrays.asList(args)) {
            System.out.println(prompt(question, retriever.retrieve(Query.from(question))));
            System.out.println();
        }
    }

    /** The model that the build fetches. Long texts are embedded in rows, as LangChain4j does. */
    static TenonEmbeddingModel model() {
        return new TenonEmbeddingModel(
                MiniLmFiles.of(MiniLmFiles.NAME).loadEmbedder(MAX_TOKENS).windows(0), MiniLmFiles.NAME);
    }

    /** Finds the parts of the document that are nearest to a question. */
    static EmbeddingStoreContentRetriever retriever(TenonEmbeddingModel model) {
        InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
        EmbeddingStoreIngestor.builder()
                .documentSplitter(DocumentSplitters.recursive(PART_CHARACTERS, 0))
                .embeddingModel(model)
                .embeddingStore(store)
                .build()
                .ingest(Document.from(text()));
        return EmbeddingStoreContentRetriever.builder()
                .embeddingStore(store)
                .embeddingModel(model)
                .maxResults(RESULTS)
                .build();
    }

    private static String text() {
        try (InputStream in = SearchMain.class.getResourceAsStream("town.txt")) {
            return new String(Objects.requireNonNull(in, "town.txt").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String prompt(String question, List<Content> found) {
        List<String> lines = new ArrayList<>();
        lines.add("Answer the question from these parts of the guide alone.");
        found.forEach(content -> lines.add("- " + content.textSegment().text().replaceAll("\\s+", " ")));
        lines.add("Question: " + question);
        return String.join(System.lineSeparator(), lines);
    }
}
