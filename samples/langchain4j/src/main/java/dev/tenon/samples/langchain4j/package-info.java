/**
 * Models of LangChain4j that run on Tenon: {@link dev.tenon.samples.langchain4j.TenonEmbeddingModel} and
 * {@link dev.tenon.samples.langchain4j.TenonScoringModel}. {@link dev.tenon.samples.langchain4j.SearchMain} searches with them.
 *
 * <p>This package translates types. Texts become rows of tokens, and rows become vectors, in
 * {@code dev.tenon.samples.embeddings}. Another kind of model is another class here.
 */
package dev.tenon.samples.langchain4j;
