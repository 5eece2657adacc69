/**
 * An embedding model of Spring AI that runs on Tenon: {@link dev.tenon.spring.ai.TenonEmbeddingModel}.
 * {@link dev.tenon.spring.ai.SpringAiMain} searches with it.
 *
 * <p>This package translates types. Texts become vectors in {@code dev.tenon.embedding}.
 */
package dev.tenon.spring.ai;
