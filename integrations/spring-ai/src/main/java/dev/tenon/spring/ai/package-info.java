/**
 * An embedding model of Spring AI that runs on Tenon: {@link dev.tenon.spring.ai.TenonEmbeddingModel}.
 *
 * <p>This package translates types. Texts become vectors in {@code dev.tenon.embedding}, and must not here. Another kind of model is
 * another class here.
 */
package dev.tenon.spring.ai;
