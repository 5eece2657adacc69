package dev.tenon.samples.springai;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.ai.vectorstore.SearchRequest;
import org.springframework.ai.vectorstore.VectorStore;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** The beans of the sample. */
@Tag("vector")
class SpringAiMainTest {
    @Test
    void theNearestSentenceIsFound() {
        try (AnnotationConfigApplicationContext context =
                new AnnotationConfigApplicationContext(SpringAiMain.Beans.class)) {
            SearchRequest search = SearchRequest.builder()
                    .query("When can I cross the river?")
                    .topK(1)
                    .build();
            assertThat(context.getBean(VectorStore.class).similaritySearch(search))
                    .singleElement()
                    .satisfies(found -> assertThat(found.getText()).startsWith("Ferries"));
        }
    }
}
