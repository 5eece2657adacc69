/**
 * Models of LangChain4j that run on Tenon: {@link dev.tenon.langchain4j.TenonEmbeddingModel} and
 * {@link dev.tenon.langchain4j.TenonScoringModel}.
 *
 * <p>This package translates types. Texts become vectors and scores in {@code dev.tenon.embedding}, and must not here. Another
 * kind of model is another class here.
 */
package dev.tenon.langchain4j;
