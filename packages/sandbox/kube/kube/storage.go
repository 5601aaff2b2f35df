package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	core "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
	classes "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	provisionerName = "homeslice.dev/local"
	provisionedBy   = "pv.kubernetes.io/provisioned-by"
	selectedNode    = "volume.kubernetes.io/selected-node"
	wantedFrom      = "volume.kubernetes.io/storage-provisioner"
)

// storage turns claims of our class into folders of the sandbox's state, and
// removes the folder when its volume is released. It runs beside the kubelet,
// on the one node there is, so it needs no pod and no image of its own.
type storage struct {
	client  kubernetes.Interface
	folder  string
	claims  listers.PersistentVolumeClaimLister
	volumes listers.PersistentVolumeLister
	classes classes.StorageClassLister
	queue   workqueue.TypedRateLimitingInterface[work]
}

type work struct{ kind, namespace, name string }

func newStorageCommand() *cobra.Command {
	var kubeconfig, folder string
	command := &cobra.Command{
		Use:           "homeslice-storage",
		Short:         "Make and remove the volumes of the class homeslice-local",
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(command *cobra.Command, _ []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			return runStorage(command.Context(), kubernetes.NewForConfigOrDie(config), folder)
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "how to reach the API server")
	command.Flags().StringVar(&folder, "folder", "", "where the volumes are kept")
	return command
}

func runStorage(ctx context.Context, client kubernetes.Interface, folder string) error {
	factory := informers.NewSharedInformerFactory(client, 5*time.Minute)
	s := &storage{
		client:  client,
		folder:  folder,
		claims:  factory.Core().V1().PersistentVolumeClaims().Lister(),
		volumes: factory.Core().V1().PersistentVolumes().Lister(),
		classes: factory.Storage().V1().StorageClasses().Lister(),
		queue:   workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[work]()),
	}
	if err := s.watch(factory); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go func() { <-ctx.Done(); s.queue.ShutDown() }()
	for s.next(ctx) {
	}
	return ctx.Err()
}

func (s *storage) watch(factory informers.SharedInformerFactory) error {
	add := func(kind string) cache.ResourceEventHandlerFuncs {
		enqueue := func(object any) {
			if item, ok := object.(meta.Object); ok {
				s.queue.Add(work{kind, item.GetNamespace(), item.GetName()})
			}
		}
		return cache.ResourceEventHandlerFuncs{AddFunc: enqueue, UpdateFunc: func(_, now any) { enqueue(now) }}
	}
	if _, err := factory.Core().V1().PersistentVolumeClaims().Informer().AddEventHandler(add("claim")); err != nil {
		return err
	}
	_, err := factory.Core().V1().PersistentVolumes().Informer().AddEventHandler(add("volume"))
	return err
}

func (s *storage) next(ctx context.Context) bool {
	item, closed := s.queue.Get()
	if closed {
		return false
	}
	defer s.queue.Done(item)
	err := s.handle(ctx, item)
	if err != nil && !apierrors.IsNotFound(err) {
		klog.ErrorS(err, "will try again", "kind", item.kind, "namespace", item.namespace, "name", item.name)
		s.queue.AddRateLimited(item)
		return true
	}
	s.queue.Forget(item)
	return true
}

func (s *storage) handle(ctx context.Context, item work) error {
	if item.kind == "volume" {
		return s.remove(ctx, item.name)
	}
	return s.provision(ctx, item.namespace, item.name)
}

func (s *storage) provision(ctx context.Context, namespace, name string) error {
	claim, err := s.claims.PersistentVolumeClaims(namespace).Get(name)
	if err != nil {
		return err
	}
	node := claim.Annotations[selectedNode]
	if claim.Spec.VolumeName != "" || claim.Annotations[wantedFrom] != provisionerName || node == "" {
		return nil
	}
	class, err := s.classes.Get(*claim.Spec.StorageClassName)
	if err != nil {
		return err
	}
	id := "pvc-" + string(claim.UID)
	if _, err := s.volumes.Get(id); err == nil {
		return nil
	}
	path := filepath.Join(s.folder, fmt.Sprintf("%s_%s_%s", namespace, name, claim.UID))
	if err := makeFolder(path); err != nil {
		return err
	}
	volume := &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: id, Annotations: map[string]string{provisionedBy: provisionerName}},
		Spec: core.PersistentVolumeSpec{
			Capacity:                      core.ResourceList{core.ResourceStorage: claim.Spec.Resources.Requests[core.ResourceStorage]},
			AccessModes:                   claim.Spec.AccessModes,
			PersistentVolumeReclaimPolicy: *class.ReclaimPolicy,
			StorageClassName:              class.Name,
			VolumeMode:                    claim.Spec.VolumeMode,
			ClaimRef:                      &core.ObjectReference{APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: namespace, Name: name, UID: claim.UID},
			PersistentVolumeSource:        core.PersistentVolumeSource{Local: &core.LocalVolumeSource{Path: path}},
			NodeAffinity:                  onNode(node),
		},
	}
	_, err = s.client.CoreV1().PersistentVolumes().Create(ctx, volume, meta.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// A pod runs as any user, so the folder is open to all who reach it, which is
// only the pods that mount it: the parent folder is root's alone.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return err
	}
	return os.Chmod(path, 0o777)
}

func onNode(name string) *core.VolumeNodeAffinity {
	expression := core.NodeSelectorRequirement{Key: core.LabelHostname, Operator: core.NodeSelectorOpIn, Values: []string{name}}
	return &core.VolumeNodeAffinity{Required: &core.NodeSelector{
		NodeSelectorTerms: []core.NodeSelectorTerm{{MatchExpressions: []core.NodeSelectorRequirement{expression}}},
	}}
}

func (s *storage) remove(ctx context.Context, name string) error {
	volume, err := s.volumes.Get(name)
	if err != nil {
		return err
	}
	ours := volume.Annotations[provisionedBy] == provisionerName && volume.Spec.Local != nil
	released := volume.Status.Phase == core.VolumeReleased
	if !ours || !released || volume.Spec.PersistentVolumeReclaimPolicy != core.PersistentVolumeReclaimDelete {
		return nil
	}
	if filepath.Dir(volume.Spec.Local.Path) != filepath.Clean(s.folder) {
		return fmt.Errorf("volume %s lies at %s, outside %s: left alone", name, volume.Spec.Local.Path, s.folder)
	}
	if err := os.RemoveAll(volume.Spec.Local.Path); err != nil {
		return err
	}
	precondition := meta.DeleteOptions{Preconditions: meta.NewUIDPreconditions(string(volume.UID))}
	return s.client.CoreV1().PersistentVolumes().Delete(ctx, name, precondition)
}
