package dev.tenon.samples.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.query.Query;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Search of a retrieval-augmented generation. */
@Tag("vector")
class SearchMainTest {
    @Test
    void findsThePartThatAnswersAQuestion() {
        var retriever = SearchMain.retriever(SearchMain.model());
        assertThat(first(retriever.retrieve(Query.from("Why did the clock stop?"))))
                .contains("flood of 1951");
        assertThat(first(retriever.retrieve(Query.from("How can I cross the water in January?"))))
                .contains("Ferries");
        assertThat(first(retriever.retrieve(Query.from("What may I not feed to the birds?"))))
                .contains("Bread makes them ill");
    }

    private static String first(List<Content> found) {
        return found.getFirst().textSegment().text();
    }
}
